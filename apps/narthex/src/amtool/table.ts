/**
 * Formats rows as aligned columns with two blanks after each cell. Ends with a newline.
 * @param endLast whether the last column is padded as well
 */
export function table(rows: readonly (readonly string[])[], endLast = true): string {
  // Tabs and newlines within a cell separate cells and rows, as in Go's tabwriter.
  const text = rows.map((row) => row.join("\t") + (endLast ? "\t" : "")).join("\n");
  const lines = text.split("\n").map((line) => line.split("\t"));
  return drawBlock(lines, []).join("");
}

const PADDING = 2;

/**
 * Formats lines as columns. `widths` contains the widths of the first columns. Consecutive lines that have one more
 * column get the same width for that column.
 */
function drawBlock(lines: readonly (readonly string[])[], widths: readonly number[]): string[] {
  const out: string[] = [];
  const column = widths.length;
  for (let from = 0; from < lines.length;) {
    let to = from;
    while (to < lines.length && column < lines[to]!.length - 1) to++;
    if (to === from) out.push(drawLine(lines[from++]!, widths));
    else {
      const block = lines.slice(from, to);
      out.push(...drawBlock(block, [...widths, Math.max(...block.map((line) => widthOf(line[column]!))) + PADDING]));
      from = to;
    }
  }
  return out;
}

function drawLine(cells: readonly string[], widths: readonly number[]): string {
  const padded = cells.map((cell, i) => cell + " ".repeat(Math.max(0, (widths[i] ?? 0) - widthOf(cell))));
  return `${padded.join("")}\n`;
}

/** Returns the width of a cell in code points, as in Go's tabwriter. */
const widthOf = (cell: string): number => Array.from(cell).length;
