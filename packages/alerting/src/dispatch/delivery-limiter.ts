import { type Clock, reasonOf } from "@narthex/runtime";
import type { Delivery } from "@narthex/notification";

/**
 * Maximum number of concurrent attempts of one integration. More attempts would need more sockets and memory, and would
 * make a slow service slower.
 */
const MAX_AT_ONCE = 512;
/** Number of consecutive failures of an integration after which its attempts are slowed down. */
const PACED_AFTER = 16;
/**
 * Minimum time in ms between two attempts of an integration whose attempts fail. Without this pause, ten thousand alert
 * groups that retry an unreachable service would use a whole processor.
 */
const PACE_MS = 10;

interface Waiter {
  readonly start: () => void;
}

/**
 * Limits the attempts of all groups through one integration: the number of concurrent attempts and, while attempts
 * fail, their rate. Each integration has its own limiter, so a slow or unreachable service delays only the groups that
 * use it.
 */
export class DeliveryLimiter {
  readonly #clock: Clock;
  readonly #waiting = new Set<Waiter>();
  #running = 0;
  #failures = 0;
  /** Earliest time at which an attempt may start, ms on the monotonic clock. */
  #notBefore = 0;
  #cancelTimer: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Number of attempts that wait for their start. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Resolves when an attempt may start. The caller must call release() after the attempt. Rejects with the signal's
   * reason.
   */
  async acquire(signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw reasonOf(signal);
    if (this.#waiting.size === 0 && this.#isOpen()) {
      this.#begin();
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const waiter: Waiter = {
        start: () => {
          signal.removeEventListener("abort", giveUp);
          resolve();
        },
      };
      const giveUp = (): void => {
        this.#waiting.delete(waiter);
        reject(reasonOf(signal));
      };
      signal.addEventListener("abort", giveUp, { once: true });
      this.#waiting.add(waiter);
      this.#admit();
    });
  }

  /**
   * Records the end of a delivery attempt.
   * @param result result of the attempt, or undefined if no request was sent
   */
  release(result: Delivery | undefined): void {
    this.#running--;
    if (result?.kind === "retry") this.#failures++;
    else if (result !== undefined) this.#failures = 0;
    this.#admit();
  }

  #isOpen(): boolean {
    return this.#running < MAX_AT_ONCE && this.#clock.monotonic() >= this.#notBefore;
  }

  #begin(): void {
    this.#running++;
    if (this.#failures >= PACED_AFTER) {
      this.#notBefore = Math.max(this.#notBefore, this.#clock.monotonic() + PACE_MS);
    }
  }

  #admit(): void {
    for (const waiter of this.#waiting) {
      if (!this.#isOpen()) break;
      this.#waiting.delete(waiter);
      this.#begin();
      waiter.start();
    }
    const rest = this.#notBefore - this.#clock.monotonic();
    this.#cancelTimer?.();
    if (this.#waiting.size === 0 || rest <= 0) return;
    this.#cancelTimer = this.#clock.after(rest, () => this.#admit());
  }
}
