import type { Clock } from "../clock.ts";
import type { Part } from "../lifecycle.ts";
import { returnProgramPages } from "./return-memory.ts";

/** Delay after the start in ms, so that the first requests are not slowed down. */
const AFTER_START_MS = 5000;
/** Interval, ms. Reading the pages again takes half a millisecond of CPU time. */
const INTERVAL_MS = 60_000;

/** Returns rarely used pages of Node's program to the system, soon after the start and then at intervals. */
export class PageReturn implements Part {
  readonly name = "page return";
  readonly #clock: Clock;
  readonly #returnPages: () => Promise<void>;
  #cancel: () => void;

  constructor(clock: Clock, returnPages: () => Promise<void> = returnProgramPages) {
    this.#clock = clock;
    this.#returnPages = returnPages;
    this.#cancel = clock.after(AFTER_START_MS, () => this.#run());
  }

  stop(): void {
    this.#cancel();
  }

  #run(): void {
    void this.#returnPages();
    this.#cancel = this.#clock.after(INTERVAL_MS, () => this.#run());
  }
}
