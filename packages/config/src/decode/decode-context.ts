import { posix } from "node:path";
import type { Position, Problem } from "../problem.ts";
import type { Environment } from "../prometheus/environment.ts";

/** Reports one problem; the file is known. */
export type Report = (at: Position, code: string, message: string, hint?: string) => void;

/** How strictly a text is read. */
export interface DecodeSettings {
  /** Pass over keys that a section does not know. Default: report them. */
  readonly ignoreUnknownFields?: boolean;
  /** What `!env NAME` may ask for. Default: the tag means nothing, as upstream. */
  readonly environment?: Environment;
}

/** The context of a decoder: the file, its folder, the field, and the problems found so far. */
export class DecodeContext {
  readonly file: string;
  /** Name of the innermost field, "" at the top. */
  readonly field: string;
  /** Keys a section does not know are passed over instead of reported. */
  readonly ignoresUnknownFields: boolean;
  /** Where `!env NAME` looks; undefined: it does not. */
  readonly environment: Environment | undefined;
  readonly #directory: string;
  readonly #problems: Problem[];

  constructor(file: string, settings: DecodeSettings = {}, outer?: DecodeContext, field = "") {
    this.file = file;
    this.field = field;
    this.ignoresUnknownFields = settings.ignoreUnknownFields ?? false;
    this.environment = settings.environment ?? outer?.environment;
    this.#directory = posix.dirname(file);
    this.#problems = outer === undefined ? [] : outer.#problems;
  }

  /** All problems so far, in the order they were met. */
  get problems(): readonly Problem[] {
    return this.#problems;
  }

  within(field: string): DecodeContext {
    return new DecodeContext(this.file, { ignoreUnknownFields: this.ignoresUnknownFields }, this, field);
  }

  /** A path as the process can open it: relative ones count from the file's folder. "" stays "". */
  resolvePath(path: string): string {
    return path === "" || path.startsWith("/") ? path : posix.join(this.#directory, path);
  }

  readonly report: Report = (at, code, message, hint = "") => {
    this.#problems.push({ file: this.file, line: at.line, column: at.column, code, message, hint });
  };

  /** Reports about the field's own value, naming the field. */
  reportValue(at: Position, code: string, message: string, hint = ""): void {
    this.report(at, code, this.field === "" ? message : `field ${this.field}: ${message}`, hint);
  }
}
