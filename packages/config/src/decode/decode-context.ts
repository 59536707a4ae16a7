import { posix } from "node:path";
import type { Position, Problem } from "../problem.ts";
import type { Environment } from "../prometheus/environment.ts";

/** Reports one problem of the configuration file that is being decoded. */
export type Report = (at: Position, code: string, message: string, hint?: string) => void;

export interface DecodeSettings {
  /** True to ignore keys that the configuration format does not have. By default these are reported. */
  readonly ignoreUnknownFields?: boolean;
  /** Variables for the tag `!env NAME`. By default the tag has no effect, as in Prometheus. */
  readonly environment?: Environment;
}

/** The context of a decoder: the file, its folder, the field, and the problems found so far. */
export class DecodeContext {
  readonly file: string;
  /** Name of the innermost configuration field that is being decoded. "" at the top level. */
  readonly field: string;
  /** True if keys that the configuration format does not have are ignored instead of reported. */
  readonly ignoresUnknownFields: boolean;
  /** Environment for `!env NAME`; undefined if the tag has no effect. */
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

  /** All problems found in the configuration file so far, in order. */
  get problems(): readonly Problem[] {
    return this.#problems;
  }

  within(field: string): DecodeContext {
    return new DecodeContext(this.file, { ignoreUnknownFields: this.ignoresUnknownFields }, this, field);
  }

  /**
   * Returns a path that the process can open: a relative path is joined to the file's folder. An empty path stays
   * empty.
   */
  resolvePath(path: string): string {
    return path === "" || path.startsWith("/") ? path : posix.join(this.#directory, path);
  }

  readonly report: Report = (at, code, message, hint = "") => {
    this.#problems.push({ file: this.file, line: at.line, column: at.column, code, message, hint });
  };

  /** Reports a problem with the value of the current configuration field. The message begins with the field's name. */
  reportValue(at: Position, code: string, message: string, hint = ""): void {
    this.report(at, code, this.field === "" ? message : `field ${this.field}: ${message}`, hint);
  }
}
