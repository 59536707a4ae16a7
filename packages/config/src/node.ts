import type { Position, Problem } from "./problem.ts";
import type { ScalarTag } from "./scalar.ts";
import { Composer } from "./yaml/compose.ts";
import { Cursor } from "./yaml/cursor.ts";
import { YamlSyntaxError } from "./yaml/syntax-error.ts";
import { TokenStream } from "./yaml/token-stream.ts";

/** A single value; `text` is what stands in the file, unquoted. */
export interface ScalarNode extends Position {
  readonly kind: "scalar";
  readonly tag: ScalarTag;
  readonly text: string;
}

/** One `key: value`; merged entries came in through `<<`. */
export interface MapEntry {
  readonly key: ScalarNode;
  readonly value: YamlNode;
  readonly merged: boolean;
}

export interface MapNode extends Position {
  readonly kind: "map";
  /** In file order; a later entry of the same key replaces an earlier one. */
  readonly entries: readonly MapEntry[];
}

export interface ListNode extends Position {
  readonly kind: "list";
  readonly items: readonly YamlNode[];
}

/** YAML with places: aliases resolved, merge keys spread, scalars typed as YAML 1.1 has it. */
export type YamlNode = ScalarNode | MapNode | ListNode;

/** A parsed file: its first document, and what its syntax suffers from. */
export interface ParsedYaml {
  /** undefined for an empty file, or where there are problems. */
  readonly root: YamlNode | undefined;
  readonly problems: readonly Problem[];
  /** Documents in the file; only the first is read. */
  readonly documents: number;
}

/** Is it null, `~` or nothing at all? */
export const isNull = (node: YamlNode): boolean => node.kind === "scalar" && node.tag === "!!null";

/** Characters that YAML does not let into a text, not even into a comment. */
const NOT_PRINTABLE = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/**
 * Parses the first document of a YAML text, as go-yaml 2 does: YAML 1.1, where brackets and quotes may go on at any
 * column. Never throws; problems carry its words.
 */
export function parseYaml(text: string, file: string): ParsedYaml {
  try {
    checkCharacters(text);
    const cursor = new Cursor(text.startsWith("\ufeff") ? text.slice(1) : text);
    const { root, more } = new Composer(new TokenStream(cursor)).document();
    const documents = (root === undefined ? 0 : 1) + (more ? 1 : 0);
    return { root: root === undefined || isNull(root) ? undefined : root, problems: [], documents };
  } catch (error) {
    if (!(error instanceof YamlSyntaxError)) throw error;
    const { line, column } = error.at;
    const message = `yaml: line ${line}: ${error.message}`;
    const problem = { file, line, column, code: "yaml-syntax", message, mend: error.mend };
    return { root: undefined, problems: [problem], documents: 1 };
  }
}

function checkCharacters(text: string): void {
  const found = NOT_PRINTABLE.exec(text);
  if (found === null) return;
  const before = text.slice(0, found.index).split("\n");
  const at = { line: before.length, column: before.at(-1)!.length + 1 };
  const number = found[0].codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
  throw new YamlSyntaxError(at, "control characters are not allowed", `remove the character U+${number} here`);
}
