import type { Clock } from "@narthex/runtime";

/**
 * Holds the cutting of a full head back for a time of its own, so that many servers that started together do not all
 * write to their disks at once. Counts from the moment the head was found full; over when it is no longer.
 */
export class CompactionDelay {
  readonly #clock: Clock;
  readonly #delayMs: number;
  #since: number | undefined;

  /** @param delayMs 0 for none */
  constructor(clock: Clock, delayMs: number) {
    this.#clock = clock;
    this.#delayMs = delayMs;
  }

  /** Is the head, which is full, still to be left alone? */
  get isWaiting(): boolean {
    return this.#since !== undefined && this.#clock.monotonic() - this.#since < this.#delayMs;
  }

  /** Takes note of whether the head is full. */
  observe(isFull: boolean): void {
    this.#since = isFull ? (this.#since ?? this.#clock.monotonic()) : undefined;
  }
}
