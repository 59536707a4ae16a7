import type { Clock } from "@narthex/runtime";

const FIRST_DELAY_MS = 100;
const LAST_DELAY_MS = 5000;

/**
 * Limits how often updates are sent. The first update is sent quickly, and later ones at most every `lastDelayMs`. The
 * delay doubles with each update, and is reset after a pause.
 */
export class UpdateThrottle {
  readonly #clock: Clock;
  readonly #send: () => void;
  readonly #lastDelayMs: number;
  #delayMs = FIRST_DELAY_MS;
  #lastSent = -Infinity;
  #cancel: (() => void) | undefined;
  #stopped = false;

  constructor(clock: Clock, send: () => void, lastDelayMs = LAST_DELAY_MS) {
    this.#clock = clock;
    this.#send = send;
    this.#lastDelayMs = lastDelayMs;
  }

  /** Records a change, which is sent after the delay. Returns true if an earlier change is already waiting. */
  changed(): boolean {
    if (this.#stopped || this.#cancel !== undefined) return !this.#stopped;
    if (this.#clock.monotonic() - this.#lastSent > this.#lastDelayMs) this.#delayMs = FIRST_DELAY_MS;
    this.#cancel = this.#clock.after(this.#delayMs, () => {
      this.#delayMs = Math.min(this.#delayMs * 2, this.#lastDelayMs);
      this.now();
    });
    return false;
  }

  /** Sends an update immediately, which includes all waiting changes. */
  now(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#stopped) return;
    this.#lastSent = this.#clock.monotonic();
    this.#send();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
