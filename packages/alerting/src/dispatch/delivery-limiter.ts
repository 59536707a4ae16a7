import { type Clock, reasonOf } from "@narthex/runtime";
import type { Delivery } from "@narthex/notification";

/** Attempts of one integration at the same time. More would take sockets and memory, and make a slow service slower. */
const MAX_AT_ONCE = 512;
/** Number of failures in a row after which the attempts of all groups together are paced. */
const PACED_AFTER = 16;
/**
 * Minimum time between two starts of paced attempts, ms: ten thousand groups that retry a dead service must leave the
 * processor to the others.
 */
const PACE_MS = 10;

interface Waiter {
  readonly start: () => void;
}

/**
 * Limits the attempts of all groups at one integration: their number at a time, and their pace while they fail. Each
 * integration has its own limiter, so that a dead or slow service delays only its own groups.
 */
export class DeliveryLimiter {
  readonly #clock: Clock;
  readonly #waiting = new Set<Waiter>();
  #running = 0;
  #failures = 0;
  /** No attempt starts before this moment of the monotonic clock. */
  #notBefore = 0;
  #cancelTimer: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Attempts that wait for their start. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Resolves when an attempt may start; release() must follow. Rejects with the signal's reason. */
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

  /** Ends an attempt with its result; undefined when nothing was sent. */
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
