import type { Clock } from "@narthex/runtime";

/**
 * Calls a function at regular intervals while there is something to clean up. The calls stop when the function returns
 * false.
 */
export class Sweep {
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #sweep: () => boolean;
  #isArmed = false;

  /** @param sweep cleans up, and returns whether it must be called again */
  constructor(clock: Clock, everyMs: number, sweep: () => boolean) {
    this.#clock = clock;
    this.#everyMs = everyMs;
    this.#sweep = sweep;
  }

  /** Starts the calls if they are not running. Must be called when there is something to clean up. */
  arm(): void {
    if (this.#isArmed) return;
    this.#isArmed = true;
    this.#clock.after(this.#everyMs, () => {
      this.#isArmed = false;
      if (this.#sweep()) this.arm();
    });
  }
}
