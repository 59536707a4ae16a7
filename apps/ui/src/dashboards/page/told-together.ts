import type { FilledVariables } from "@narthex/dashboards";

/** How long what is filled waits for the rest of a chain: a drawing of the page takes about as long. */
const WAIT_MS = 100;

/**
 * Tells how variables stand: at once when all are filled and when more become pending, and otherwise after a little while.
 * Variables that depend on each other are filled one after the other within milliseconds, and each telling draws the page
 * anew.
 */
export class ToldTogether {
  readonly #tell: (filled: FilledVariables) => void;
  #told: FilledVariables | undefined;
  #latest: FilledVariables | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(tell: (filled: FilledVariables) => void) {
    this.#tell = tell;
  }

  readonly take = (filled: FilledVariables): void => {
    this.#latest = filled;
    if (filled.pending.size === 0 || this.#told === undefined || !isWithin(filled, this.#told)) this.#pass();
    else this.#timer ??= setTimeout(this.#pass, WAIT_MS);
  };

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#told = undefined;
  }

  readonly #pass = (): void => {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#told = this.#latest;
    if (this.#latest !== undefined) this.#tell(this.#latest);
  };
}

/** Whether nothing is pending that was not before, and less. */
const isWithin = ({ pending }: FilledVariables, before: FilledVariables): boolean =>
  pending.size < before.pending.size && [...pending].every((name) => before.pending.has(name));
