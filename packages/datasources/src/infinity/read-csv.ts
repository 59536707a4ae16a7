import { Readable } from "node:stream";
import { QueryFailure } from "../query-failure.ts";
import type { CsvOptions } from "./infinity-target.ts";
import type { RowLimits } from "./row-limits.ts";

/** Characters that the parser gets at once. */
const PART = 64 * 1024;
/** Longest delimiter, and longest mark of a comment. The parser compares them at each character of the document. */
const MAX_MARK = 10;
/** Largest number of delimiters in a line. The parser keeps a line in memory completely. */
const MAX_DELIMITERS = 100_000;

/** The rows of a table, with the names of their columns. */
export interface NamedRows {
  readonly names: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

/**
 * Reads CSV. The first record contains the names of the columns, unless the options do. The parser is loaded with the
 * first document. Throws QueryFailure.
 */
export async function readCsv(text: string, options: CsvOptions, limits: RowLimits): Promise<NamedRows> {
  if (options.delimiter.length > MAX_MARK || options.comment.length > MAX_MARK)
    throw new QueryFailure(400, `the delimiter or the comment of CSV has more than ${MAX_MARK} characters`);
  const { parse } = await import("csv-parse");
  let parser;
  try {
    parser = parse({
      bom: true,
      delimiter: options.delimiter,
      comment: options.comment === "" ? null : options.comment,
      relax_column_count: true,
      skip_empty_lines: options.skipsEmptyLines,
      skip_records_with_error: options.skipsWrongLines,
    });
  } catch (error) {
    throw new QueryFailure(400, `the options of CSV are not valid: ${messageOf(error)}`);
  }
  const parts = Readable.from(partsOf(text, options.delimiter)).on("error", (error) => parser.destroy(error));
  parts.pipe(parser);
  let names = limits.columns(options.names);
  const rows: (readonly string[])[] = [];
  try {
    for await (const record of parser as AsyncIterable<string[]>) {
      if (names.length === 0) names = limits.columns(differentNames(record));
      else {
        if (!limits.row(names.length)) break;
        rows.push(record);
      }
    }
  } catch (error) {
    throw error instanceof QueryFailure ? error : new QueryFailure(422, `the document is not CSV: ${messageOf(error)}`);
  }
  return { names, rows };
}

/** Returns different names for all columns: a repeated name gets a number. */
function differentNames(names: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  return names.map((name) => {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return count === 1 ? name : `${name} ${count}`;
  });
}

/** Returns a text in parts. Throws QueryFailure for a line with too many delimiters. */
function* partsOf(text: string, delimiter: string): Generator<string> {
  const mark = delimiter.charCodeAt(0);
  let count = 0;
  for (let at = 0; at < text.length; at += PART) {
    const part = text.slice(at, at + PART);
    for (let i = 0; i < part.length; i++) {
      const code = part.charCodeAt(i);
      if (code === 10 || code === 13) count = 0;
      else if (code === mark && ++count > MAX_DELIMITERS)
        throw new QueryFailure(422, `a line of the document has more than ${MAX_DELIMITERS} columns`);
    }
    yield part;
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message.slice(0, 200) : String(error));
