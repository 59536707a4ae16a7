import { isScalar, LineCounter, parseAllDocuments, visit } from "yaml";
import type { Position } from "@narthex/config";
import { CommandError } from "../../command-line/command.ts";

/**
 * A change at a position in a file. `replace` replaces the value at the position with `text`. `insert` adds `text` as a
 * line before the line of the position.
 */
export interface TextEdit extends Position {
  readonly kind: "replace" | "insert";
  readonly text: string;
}

/**
 * Replaces values at the given positions of a YAML text. Everything else, including quotes, stays unchanged. Throws
 * CommandError if a value cannot be replaced.
 * @param file name of the file in error messages
 */
export function editYaml(text: string, edits: readonly TextEdit[], file: string): string {
  const mark = text.startsWith("\ufeff") ? 1 : 0;
  const ranges = scalarRanges(text.slice(mark));
  const changes = edits.map(({ kind, line, column, text: value }) => {
    const place = `${file}:${line}:${column}`;
    if (kind === "insert") {
      const start = lineStart(text, line);
      if (text.slice(start, start + column - 1).trim() !== "")
        throw new CommandError(
          `${place}: the service is written on one line; write each of its keys on a separate line`,
        );
      return { start, end: start, value: `${" ".repeat(column - 1)}${value}\n` };
    }
    const range = ranges.get(`${line}:${column}`);
    if (range === undefined)
      throw new CommandError(`${place}: the value here cannot be replaced; write it on one line`);
    const [start, end] = [range[0] + mark, range[1] + mark];
    const quote = /^["']/.exec(text.slice(start, end))?.[0] ?? "";
    return { start, end, value: `${quote}${value}${quote}` };
  });
  let edited = text;
  for (const { start, end, value } of changes.toSorted((a, b) => b.start - a.start))
    edited = edited.slice(0, start) + value + edited.slice(end);
  return edited;
}

/** Returns the start and end offset of each single-line scalar, by `line:column` of its start. */
function scalarRanges(text: string): ReadonlyMap<string, readonly [number, number]> {
  const lineCounter = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter, version: "1.1", uniqueKeys: false, logLevel: "silent" });
  const ranges = new Map<string, readonly [number, number]>();
  for (const document of Array.isArray(documents) ? documents : []) {
    visit(document, (_, node) => {
      if (!isScalar(node) || !node.range || !["PLAIN", "QUOTE_DOUBLE", "QUOTE_SINGLE"].includes(node.type ?? ""))
        return;
      const [start, end] = node.range;
      const { line, col } = lineCounter.linePos(start);
      if (!text.slice(start, end).includes("\n")) ranges.set(`${line}:${col}`, [start, end]);
    });
  }
  return ranges;
}

function lineStart(text: string, line: number): number {
  let start = text.startsWith("\ufeff") ? 1 : 0;
  for (let i = 1; i < line; i++) start = text.indexOf("\n", start) + 1;
  return start;
}
