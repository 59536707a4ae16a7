import type { MetricFamily } from "@narthex/exposition";

/** Returns promtool's table with the number of series of each metric, the largest first. */
export function cardinalityTable(families: readonly MetricFamily[]): string {
  const rows = families.map((family) => ({ name: family.name, count: family.samples.length }));
  rows.sort((a, b) => b.count - a.count);
  const total = rows.reduce((sum, { count }) => sum + count, 0);
  const cells = [
    ["Metric", "Cardinality", "Percentage"],
    ...rows.map(({ name, count }) => [name, String(count), `${((count / total) * 100).toFixed(2)}%`]),
    ["Total", String(total), "100%"],
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...cells.map((row) => row[column]!.length)) + 4);
  return cells.map((row) => `${row.map((cell, column) => cell.padEnd(widths[column]!)).join("")}\n`).join("");
}
