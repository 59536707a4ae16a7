import type { FilledVariables } from "@narthex/dashboards";

/**
 * Maximum delay in ms before loaded variables are reported while others are loading. Rendering the page takes about
 * this time.
 */
const WAIT_MS = 100;

/**
 * Reports the states of variables. A report is immediate if all variables are filled or if other variables became
 * pending; otherwise it is delayed by `WAIT_MS`. Variables that depend on each other are filled one after the other
 * within milliseconds, and each report draws the page again.
 */
export class VariableReports {
  readonly #report: (filled: FilledVariables) => void;
  #reported: FilledVariables | undefined;
  #latest: FilledVariables | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(report: (filled: FilledVariables) => void) {
    this.#report = report;
  }

  readonly take = (filled: FilledVariables): void => {
    this.#latest = filled;
    if (filled.pending.size === 0 || this.#reported === undefined || !isWithin(filled, this.#reported)) this.#pass();
    else this.#timer ??= setTimeout(this.#pass, WAIT_MS);
  };

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#reported = undefined;
  }

  readonly #pass = (): void => {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#reported = this.#latest;
    if (this.#latest !== undefined) this.#report(this.#latest);
  };
}

/** Reports whether some variables have finished loading since `before`, and no other variable has started to load. */
const isWithin = ({ pending }: FilledVariables, before: FilledVariables): boolean =>
  pending.size < before.pending.size && [...pending].every((name) => before.pending.has(name));
