import type { Position } from "../problem.ts";

/** A text that is no YAML: where, in libyaml's words, and what to do about it. Caught by `parseYaml`. */
export class YamlSyntaxError extends Error {
  override readonly name = "YamlSyntaxError";
  readonly at: Position;
  readonly mend: string;

  constructor(at: Position, message: string, mend: string) {
    super(message);
    this.at = at;
    this.mend = mend;
  }
}
