import type { GridPosition } from "../model/dashboard.ts";
import { GRID_COLUMNS, inReadingOrder, type PlacedPanel } from "./placed-panel.ts";

/** Width of the dashboard in px below which panels are stacked in one column. */
export const NARROW_WIDTH_PX = 768;

/** Kinds of panels that show little more than a number. */
const SMALL_KINDS = new Set(["stat", "gauge", "bargauge"]);
/**
 * Maximum width of a small panel in grid units. A stat, gauge or bar gauge is small if its height is also at most
 * SMALL_HEIGHT.
 */
const SMALL_WIDTH = 8;
const SMALL_HEIGHT = 6;

/**
 * Stacks panels in one column in reading order, and keeps their heights. Two consecutive small panels share a line,
 * because a small panel alone would be wide and almost empty.
 */
export function stackPanels(panels: readonly PlacedPanel[]): PlacedPanel[] {
  const stacked: PlacedPanel[] = [];
  const ordered = inReadingOrder(panels);
  let y = 0;
  for (let i = 0; i < ordered.length; i++) {
    const [panel, next] = [ordered[i]!, ordered[i + 1]];
    if (next !== undefined && isSmall(panel) && isSmall(next)) {
      const h = Math.max(panel.position.h, next.position.h);
      const w = GRID_COLUMNS / 2;
      stacked.push(placed(panel, { x: 0, y, w, h }), placed(next, { x: w, y, w, h }));
      y += h;
      i++;
      continue;
    }
    stacked.push(placed(panel, { x: 0, y, w: GRID_COLUMNS, h: panel.position.h }));
    y += panel.position.h;
  }
  return stacked;
}

function isSmall({ panel, position }: PlacedPanel): boolean {
  return SMALL_KINDS.has(panel.type) && position.w <= SMALL_WIDTH && position.h <= SMALL_HEIGHT;
}

function placed(panel: PlacedPanel, position: GridPosition): PlacedPanel {
  return { ...panel, position };
}
