import type { Position } from "./ast.ts";

/** Error in the text of a query, with its position. `toString()` returns the text for users: `1:5: parse error: …`. */
export class ParseError {
  readonly message: string;
  /** Byte offsets of the start and the end of the error in the UTF-8 text. */
  readonly start: number;
  readonly end: number;
  readonly #query: string;

  constructor(message: string, position: Position, query: string) {
    this.message = message;
    this.start = position.start;
    this.end = position.end;
    this.#query = query;
  }

  /** Formats the error for users. `lineOffset` is added to the line number if the text is a part of a file. */
  toString(lineOffset = 0): string {
    return `${lineAndColumn(this.#query, this.start, lineOffset)}: parse error: ${this.message}`;
  }
}

const encoder = new TextEncoder();

/** Formats a byte offset as `line:column`, both from 1. Columns are counted in bytes. */
function lineAndColumn(query: string, offset: number, lineOffset = 0): string {
  if (query === "") return "unknown position";
  const bytes = encoder.encode(query);
  if (offset < 0 || offset > bytes.length) return "invalid position";
  let line = lineOffset + 1;
  let lastBreak = -1;
  for (let i = 0; i < offset; i++) {
    if (bytes[i] !== 0x0a) continue;
    line++;
    lastBreak = i;
  }
  return `${line}:${offset - lastBreak}`;
}
