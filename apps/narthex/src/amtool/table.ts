/**
 * Rows as aligned columns with two blanks between; each cell ends so, the last one too. Ends with a newline.
 *
 * @param endLast whether the last column is padded as well
 */
export function table(rows: readonly (readonly string[])[], endLast = true): string {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, widthOf(cell))));
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => (endLast || i < row.length - 1 ? padded(cell, widths[i]!) : cell)).join("");
  return rows.map((row) => `${line(row)}\n`).join("");
}

const padded = (cell: string, width: number): string => `${cell}${" ".repeat(width - widthOf(cell))}  `;

/** In code points, as Go's tabwriter counts. */
const widthOf = (cell: string): number => Array.from(cell).length;
