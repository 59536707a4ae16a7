import type { GridPosition } from "../model/dashboard.ts";
import { bottomOf, GRID_COLUMNS, type GridItem } from "./placed-panel.ts";

/** Height of a grid unit, px. CELL_GAP_PX is the gap between units in both directions. */
export const CELL_HEIGHT_PX = 30;
export const CELL_GAP_PX = 8;

const STEP_PX = CELL_HEIGHT_PX + CELL_GAP_PX;

/** A rectangle in pixels from the top left of the grid. */
export interface PixelRect {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Converts a grid position to pixels, for a grid of this width in pixels. */
export function rectOf({ x, y, w, h }: GridPosition, gridWidth: number): PixelRect {
  const column = (gridWidth - CELL_GAP_PX * (GRID_COLUMNS - 1)) / GRID_COLUMNS;
  const left = Math.round(x * (column + CELL_GAP_PX));
  return {
    left,
    top: y * STEP_PX,
    width: Math.round(w * column + Math.max(w - 1, 0) * CELL_GAP_PX),
    height: h * CELL_HEIGHT_PX + Math.max(h - 1, 0) * CELL_GAP_PX,
  };
}

/** Returns the height of a grid with these items, px. */
export function heightOf(items: readonly GridItem[]): number {
  const bottom = bottomOf(items);
  return bottom === 0 ? 0 : bottom * STEP_PX - CELL_GAP_PX;
}

/** The items of a grid, sorted by their top edges, so that the visible items are found without reading all items. */
export class VisibleItems<Item extends GridItem> {
  readonly #items: readonly Item[];
  /** For each item, in grid units: the lowest bottom edge of this item and all items before it. */
  readonly #bottoms: Float64Array;

  constructor(items: readonly Item[]) {
    this.#items = items.toSorted((a, b) => a.position.y - b.position.y);
    this.#bottoms = new Float64Array(items.length);
    let lowest = 0;
    this.#items.forEach(({ position }, i) => {
      lowest = Math.max(lowest, position.y + position.h);
      this.#bottoms[i] = lowest;
    });
  }

  /**
   * Returns the items that are at least partly inside a vertical range, from top to bottom. `margin` extends the range
   * at both ends. All values are in pixels.
   */
  within(top: number, height: number, margin = 0): Item[] {
    const from = (top - margin) / STEP_PX;
    const to = (top + height + margin) / STEP_PX;
    const shown: Item[] = [];
    for (let i = this.#firstBelow(from); i < this.#items.length; i++) {
      const item = this.#items[i]!;
      if (item.position.y >= to) break;
      if (item.position.y + item.position.h > from) shown.push(item);
    }
    return shown;
  }

  /** Returns the index of the first item for which this item or an earlier one ends below `y` (grid units). */
  #firstBelow(y: number): number {
    let [low, high] = [0, this.#bottoms.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#bottoms[middle]! > y) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
