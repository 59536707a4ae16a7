import type { Logger } from "@narthex/runtime";

/** Maximum number of different error stacks that are logged. */
const MAX_STACKS = 100;

/**
 * Logs errors that are bugs of this program. Each stack is logged once, because a page repeats its queries every few
 * seconds.
 */
export class FaultLog {
  readonly #logger: Logger;
  readonly #logged = new Set<string>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  log(fault: unknown): void {
    const stack = (fault instanceof Error ? fault.stack : undefined) ?? String(fault);
    if (this.#logged.has(stack) || this.#logged.size === MAX_STACKS) return;
    this.#logged.add(stack);
    this.#logger.error("A query failed because of a bug in this program; the same error is not logged again", {
      err: fault,
      stack,
    });
  }
}
