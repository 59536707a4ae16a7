import type { Clock } from "@narthex/runtime";
import { PluginError } from "../plugin-error.ts";

/** Crashes within this time count together. */
const WINDOW_MS = 600_000;
/** Number of crashes after which a plugin must wait before its next start. */
const FREE_CRASHES = 2;
const FIRST_WAIT_MS = 5000;
const LONGEST_WAIT_MS = 300_000;

/** Counts the crashes of a plugin. After some crashes, the next start must wait, and longer after each further crash. */
export class CrashCount {
  readonly #clock: Clock;
  #crashes = 0;
  #last = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(): void {
    const now = this.#clock.monotonic();
    this.#crashes = now - this.#last > WINDOW_MS ? 1 : this.#crashes + 1;
    this.#last = now;
  }

  /** Throws PluginError if the plugin may not start yet. */
  check(plugin: string): void {
    if (this.#crashes <= FREE_CRASHES) return;
    const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(10, this.#crashes - FREE_CRASHES - 1));
    const left = this.#last + waitMs - this.#clock.monotonic();
    if (left > 0)
      throw new PluginError(
        `the plugin "${plugin}" has crashed ${this.#crashes} times; it starts again in ${Math.ceil(left / 1000)} s`,
      );
  }
}
