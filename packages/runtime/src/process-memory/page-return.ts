import type { Clock } from "../clock.ts";
import type { Part } from "../lifecycle.ts";
import { returnProgramPages } from "./return-memory.ts";

/** Whoever waits for the first answers has them by then. */
const AFTER_START_MS = 5000;
/** What comes back takes half a millisecond of processor time. */
const INTERVAL_MS = 60_000;

/** Gives pages of Node's program back soon after the start and at intervals: what is needed now and then adds up. */
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
