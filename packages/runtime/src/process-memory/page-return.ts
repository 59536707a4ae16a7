import type { Clock } from "../clock.ts";
import type { Part } from "../lifecycle.ts";
import { returnProgramPages } from "./return-memory.ts";

/** Delay after the start, so that the first requests are not slowed. */
const AFTER_START_MS = 5000;
/** Reading the pages again takes half a millisecond of CPU time. */
const INTERVAL_MS = 60_000;

/**
 * Returns pages of Node's program to the system soon after the start and at intervals, because rarely used pages add
 * up.
 */
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
