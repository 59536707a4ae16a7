import type { Clock } from "./clock.ts";

/** Longest stretch of work at a time, ms. */
const STRETCH_MS = 10;

/** Lets the rest of the process have a turn now and then during work on very many things. */
export class Breath {
  readonly #clock: Clock;
  readonly #stretchMs: number;
  #since: number;

  constructor(clock: Clock, stretchMs = STRETCH_MS) {
    this.#clock = clock;
    this.#stretchMs = stretchMs;
    this.#since = clock.monotonic();
  }

  /** To be awaited between two steps; undefined while the stretch is short. */
  taken(): Promise<void> | undefined {
    return this.#clock.monotonic() - this.#since < this.#stretchMs ? undefined : this.#take();
  }

  async #take(): Promise<void> {
    await this.#clock.sleep(0);
    this.#since = this.#clock.monotonic();
  }
}

/** Work that can be left for a moment wherever it yields. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** Does all of the work at once. */
export function finished<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Does the work, and lets others have their turns where it takes long; what is short is done when this returns. */
export function breathing<T>(clock: Clock, steps: Steps<T>): T | Promise<T> {
  const breath = new Breath(clock);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    const pause = breath.taken();
    if (pause !== undefined) return resumed(pause, breath, steps);
  }
}

async function resumed<T>(pause: Promise<void>, breath: Breath, steps: Steps<T>): Promise<T> {
  await pause;
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await breath.taken();
  }
}
