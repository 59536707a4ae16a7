import type { Logger } from "@narthex/runtime";

/** Largest number of known stacks; further ones are not logged. */
const MAX_STACKS = 100;

/** Logs errors of sources that are bugs, once for each stack: a page repeats its queries every few seconds. */
export class FaultLog {
  readonly #logger: Logger;
  readonly #told = new Set<string>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  tell(fault: unknown): void {
    const stack = (fault instanceof Error ? fault.stack : undefined) ?? String(fault);
    if (this.#told.has(stack) || this.#told.size === MAX_STACKS) return;
    this.#told.add(stack);
    this.#logger.error("A query met a fault of this program; the same is not logged again", { err: fault, stack });
  }
}
