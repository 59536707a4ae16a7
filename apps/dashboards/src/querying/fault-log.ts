import type { Logger } from "@narthex/runtime";

/** Stacks that are known; beyond them none is told any more. */
const MAX_STACKS = 100;

/** Logs what sources threw that is no failure of theirs, each with its stack once: a page asks again every few seconds. */
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
