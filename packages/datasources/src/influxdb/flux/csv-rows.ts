import { QueryFailure } from "../../query-failure.ts";

/** Largest number of cells of a row. */
const MAX_CELLS = 10_000;

/** Iterates over the rows of a CSV text. An empty line is a row without cells. Throws QueryFailure. */
export function* csvRows(text: string): Generator<readonly string[]> {
  for (let at = 0; at < text.length;) {
    const row: string[] = [];
    const end = endOfLine(text, at);
    if (end === at || (end === at + 1 && text[at] === "\r")) {
      at = end + 1;
      yield row;
      continue;
    }
    for (let isLast = false; !isLast;) {
      if (row.length >= MAX_CELLS) throw new QueryFailure(502, `a row of the answer has more than ${MAX_CELLS} cells`);
      const isQuoted = text[at] === '"';
      const cell = isQuoted ? quotedCell(text, at) : plainCell(text, at);
      row.push(cell.value);
      at = cell.end;
      if (text[at] === "\r") at++;
      isLast = text[at] !== ",";
      if (isLast && at < text.length && text[at] !== "\n")
        throw new QueryFailure(502, "the answer is not valid CSV: text follows a quoted cell");
      at++;
    }
    yield row;
  }
}

interface Cell {
  readonly value: string;
  /** Index after the cell. */
  readonly end: number;
}

function quotedCell(text: string, open: number): Cell {
  let value = "";
  for (let from = open + 1; ;) {
    const mark = text.indexOf('"', from);
    if (mark < 0) throw new QueryFailure(502, "the answer is not valid CSV: a quoted cell does not end");
    value += text.slice(from, mark);
    if (text[mark + 1] !== '"') return { value, end: mark + 1 };
    value += '"';
    from = mark + 2;
  }
}

function plainCell(text: string, start: number): Cell {
  let end = start;
  while (end < text.length && text[end] !== "," && text[end] !== "\n" && text[end] !== "\r") end++;
  return { value: text.slice(start, end), end };
}

function endOfLine(text: string, from: number): number {
  const at = text.indexOf("\n", from);
  return at < 0 ? text.length : at;
}
