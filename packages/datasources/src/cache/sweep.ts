import type { Clock } from "@narthex/runtime";

/** Calls back at an interval as long as something remains to be swept. It stops by itself. */
export class Sweep {
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #sweep: () => boolean;
  #isArmed = false;

  /** @param sweep returns whether something remains */
  constructor(clock: Clock, everyMs: number, sweep: () => boolean) {
    this.#clock = clock;
    this.#everyMs = everyMs;
    this.#sweep = sweep;
  }

  /** Call it when there is something to sweep. */
  arm(): void {
    if (this.#isArmed) return;
    this.#isArmed = true;
    this.#clock.after(this.#everyMs, () => {
      this.#isArmed = false;
      if (this.#sweep()) this.arm();
    });
  }
}
