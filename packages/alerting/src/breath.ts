import type { Clock } from "@narthex/runtime";

/** Longest stretch of work at a time, ms. */
const STRETCH_MS = 10;

/** Lets the rest of the process have a turn now and then during work on very many things. */
export class Breath {
  readonly #clock: Clock;
  #since: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#since = clock.monotonic();
  }

  /** To be awaited between two steps; undefined while the stretch is short. */
  taken(): Promise<void> | undefined {
    return this.#clock.monotonic() - this.#since < STRETCH_MS ? undefined : this.#take();
  }

  async #take(): Promise<void> {
    await this.#clock.sleep(0);
    this.#since = this.#clock.monotonic();
  }
}
