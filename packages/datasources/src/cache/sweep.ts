import type { Clock } from "@narthex/runtime";

/** Calls back every so often, for as long as there is something left; nobody has to stop it. */
export class Sweep {
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #sweep: () => boolean;
  #isArmed = false;

  /** @param sweep whether something is left */
  constructor(clock: Clock, everyMs: number, sweep: () => boolean) {
    this.#clock = clock;
    this.#everyMs = everyMs;
    this.#sweep = sweep;
  }

  /** There is something. */
  arm(): void {
    if (this.#isArmed) return;
    this.#isArmed = true;
    this.#clock.after(this.#everyMs, () => {
      this.#isArmed = false;
      if (this.#sweep()) this.arm();
    });
  }
}
