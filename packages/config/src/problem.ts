/** A position in a file. Line and column start at 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A problem of a configuration file for the user to fix, with the position and a hint. */
export interface Problem extends Position {
  readonly file: string;
  /** Stable name of the kind of problem, such as `unknown-field`. */
  readonly code: string;
  /** Description of the problem, which contains Prometheus' message. */
  readonly message: string;
  /** Advice how to fix the problem; "" if the message already contains it. */
  readonly hint: string;
}

/** Formats a problem as `FILE:LINE:COL: message; hint`. */
export function formatProblem(problem: Problem): string {
  const location = problem.line > 0 ? `${problem.file}:${problem.line}:${problem.column}` : problem.file;
  return `${location}: ${problem.message}${problem.hint === "" ? "" : `; ${problem.hint}`}`;
}
