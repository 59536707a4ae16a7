import type { Clock } from "@narthex/runtime";

/**
 * Delays the writing of a full head to a block, so that servers that started together do not all write to their disks
 * at the same time. The delay begins when the head becomes full, and ends early if the head is no longer full.
 */
export class CompactionDelay {
  readonly #clock: Clock;
  readonly #delayMs: number;
  #since: number | undefined;

  /** @param delayMs length of the delay, ms; 0 for none */
  constructor(clock: Clock, delayMs: number) {
    this.#clock = clock;
    this.#delayMs = delayMs;
  }

  /** Whether the writing of the full head must still wait. */
  get isWaiting(): boolean {
    return this.#since !== undefined && this.#clock.monotonic() - this.#since < this.#delayMs;
  }

  observe(isFull: boolean): void {
    this.#since = isFull ? (this.#since ?? this.#clock.monotonic()) : undefined;
  }
}
