import type { GridPosition } from "../model/dashboard.ts";
import { bottomOf, GRID_COLUMNS, type GridItem } from "./placed-panel.ts";

/** Height of a unit of the grid, and the gap between units in both directions, in pixels. */
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

/** Where a place of the grid is on a grid of a width in pixels. */
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

/** The place of the grid under a point in pixels. */
export function cellAt(left: number, top: number, gridWidth: number): { x: number; y: number } {
  const column = (gridWidth - CELL_GAP_PX * (GRID_COLUMNS - 1)) / GRID_COLUMNS;
  const x = Math.round(left / (column + CELL_GAP_PX));
  return { x: Math.min(Math.max(x, 0), GRID_COLUMNS - 1), y: Math.max(Math.round(top / STEP_PX), 0) };
}

/** How high a grid of these items is, in pixels. */
export function heightOf(items: readonly GridItem[]): number {
  const bottom = bottomOf(items);
  return bottom === 0 ? 0 : bottom * STEP_PX - CELL_GAP_PX;
}

/** Items by height, to find those in a window without looking at all of them. */
export class VisibleItems<Item extends GridItem> {
  readonly #items: readonly Item[];
  /** The lowest bottom among the items up to each. */
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

  /** Items that a window shows in part at least, from top to bottom. `margin` widens it in both directions; all in pixels. */
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

  /** The first item that, or before which an item, reaches below a height. */
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
