import { type MutableJson, numberOf, objectAt, objectsAt, ownValue, textAt } from "../model/json.ts";

const COLUMNS = 24;
const STEP_PX = 38;

/** Row heights in pixels, by the words that Grafana's automatic grid uses. */
const HEIGHTS: Readonly<Record<string, number>> = { short: 168, standard: 320, tall: 512 };

/**
 * Converts the items of an automatic grid to items with positions. The result has the maximum number of columns of the
 * automatic grid, and all rows have the same height. On narrow screens, an automatic grid has fewer columns; the
 * classic grid stacks its panels instead.
 */
export function autoGridItems(spec: MutableJson): MutableJson[] {
  const wanted = numberOf(ownValue(spec, "maxColumnCount")) ?? 3;
  const columns = Math.min(Math.max(Math.floor(wanted), 1), COLUMNS);
  const items = objectsAt(spec, "items");
  const width = Math.floor(COLUMNS / Math.min(columns, Math.max(items.length, 1)));
  const perRow = Math.floor(COLUMNS / width);
  const height = heightOf(spec);
  return items.map((item, i) => ({
    kind: "GridLayoutItem",
    spec: { ...objectAt(item, "spec"), x: (i % perRow) * width, y: Math.floor(i / perRow) * height, width, height },
  }));
}

/** Returns the row height in grid units. Depending on the version, it is stored as a word, in pixels, or as both. */
function heightOf(spec: MutableJson): number {
  const mode = textAt(spec, "rowHeightMode");
  const pixels = Object.hasOwn(HEIGHTS, mode)
    ? HEIGHTS[mode]!
    : (numberOf(ownValue(spec, "rowHeight")) ?? HEIGHTS["standard"]!);
  return Math.min(Math.max(Math.round(pixels / STEP_PX), 2), 100);
}
