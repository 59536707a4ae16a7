/** A place in a file; both counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Something in a file that its owner has to change, with the place and what to do about it. */
export interface Problem extends Position {
  readonly file: string;
  /** Stable name of the kind of problem, for example `unknown-field`. */
  readonly code: string;
  /** What is wrong; holds the words upstream uses for it. */
  readonly message: string;
  /** What to do; "" where the message says it all. */
  readonly hint: string;
}

/** `FILE:LINE:COL: message; hint`. */
export function formatProblem(problem: Problem): string {
  const place = problem.line > 0 ? `${problem.file}:${problem.line}:${problem.column}` : problem.file;
  return `${place}: ${problem.message}${problem.hint === "" ? "" : `; ${problem.hint}`}`;
}
