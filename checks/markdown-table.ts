/** Returns a Markdown table with aligned columns in the formatter's style. Ends with a newline. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map((row) => row.map(escapePipes));
  const widths = head.map((_, i) => Math.max(3, ...cells.map((row) => row[i]!.length)));
  const line = (row: readonly string[]): string => `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |\n`;
  const [first, ...rest] = cells;
  return line(first!) + line(widths.map((width) => "-".repeat(width))) + rest.map(line).join("");
}

const escapePipes = (cell: string): string => cell.replaceAll("|", "\\|");

/** Formats text as code; "" stays empty. */
export const code = (text: string): string => (text === "" ? "" : `\`${text}\``);
