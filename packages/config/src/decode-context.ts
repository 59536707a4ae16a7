import { posix } from "node:path";
import type { Position, Problem } from "./problem.ts";

/** Reports one problem; the file is known. */
export type Report = (at: Position, code: string, message: string, mend?: string) => void;

/** What a decoder knows about where it is: the file, its folder, the field, and where problems go. */
export class DecodeContext {
  readonly file: string;
  /** Name of the innermost field, "" at the top. */
  readonly field: string;
  readonly #directory: string;
  readonly #problems: Problem[];

  constructor(file: string, problems: Problem[] = [], field = "", directory = posix.dirname(file)) {
    this.file = file;
    this.field = field;
    this.#directory = directory;
    this.#problems = problems;
  }

  /** All problems so far, in the order they were met. */
  get problems(): readonly Problem[] {
    return this.#problems;
  }

  within(field: string): DecodeContext {
    return new DecodeContext(this.file, this.#problems, field, this.#directory);
  }

  /** A path as the process can open it: relative ones count from the file's folder. "" stays "". */
  resolvePath(path: string): string {
    return path === "" || path.startsWith("/") ? path : posix.join(this.#directory, path);
  }

  readonly report: Report = (at, code, message, mend = "") => {
    this.#problems.push({ file: this.file, line: at.line, column: at.column, code, message, mend });
  };

  /** Reports about the field's own value, naming the field. */
  reportValue(at: Position, code: string, message: string, mend = ""): void {
    this.report(at, code, this.field === "" ? message : `field ${this.field}: ${message}`, mend);
  }
}
