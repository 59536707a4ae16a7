import type { GridPosition } from "../model/dashboard.ts";
import { GRID_COLUMNS, type GridItem, inReadingOrder } from "./placed-panel.ts";

/**
 * Largest number of comparisons for items that overlap other items. Layouts that were made in the UI have no overlaps
 * and need no comparisons.
 */
const MAX_COMPARISONS = 2_000_000;

/**
 * Moves every item of a grid up until it touches another item, as Grafana's grid does. Afterwards no items overlap, and
 * no space is left above an item. Returns the items in reading order; items that did not move are the same objects.
 */
export function compact<Item extends GridItem>(items: readonly Item[]): Item[] {
  const placement = new Placement();
  return inReadingOrder(items).map((item) => at(item, placement.place(item.position)));
}

/** Returns an item at another position, or the same item if it is already there. */
export function at<Item extends GridItem>(item: Item, position: GridPosition): Item {
  const { x, y, w, h } = item.position;
  if (x === position.x && y === position.y && w === position.w && h === position.h) return item;
  return { ...item, position };
}

/** State of the grid while items are placed one after another. */
class Placement {
  /** The filled height of each column, in grid units. */
  readonly #bottoms = new Int32Array(GRID_COLUMNS);
  readonly #placed: GridPosition[] = [];
  #bottom = 0;
  #looks = 0;

  place(wanted: GridPosition): GridPosition {
    const w = Math.min(Math.max(wanted.w, 1), GRID_COLUMNS);
    const x = Math.min(Math.max(wanted.x, 0), GRID_COLUMNS - w);
    const h = Math.max(wanted.h, 1);
    const filled = this.#bottoms.subarray(x, x + w).reduce((a, b) => Math.max(a, b), -Infinity);
    const from = Math.min(Math.max(wanted.y, 0), this.#bottom);
    // `filled` is the first row below all items in these columns. An item at or below this row moves up to it. Only an
    // item that starts above this row can fit into a gap between other items, so only such an item is compared with
    // others.
    const y = from >= filled ? filled : this.#findHole({ x, y: from, w, h }, filled);
    const position = { x, y, w, h };
    this.#placed.push(position);
    for (let column = x; column < x + w; column++) this.#bottoms[column] = Math.max(this.#bottoms[column]!, y + h);
    this.#bottom = Math.max(this.#bottom, y + h);
    return position;
  }

  /**
   * Returns the row at which an item fits. Moves the item up while the space above is free. If its own space is not
   * free, moves it down to the next free space.
   */
  #findHole(wanted: GridPosition, filled: number): number {
    if (this.#looks > MAX_COMPARISONS) return filled;
    this.#looks += this.#placed.length;
    const inColumns = this.#placed
      .filter(({ x, w }) => x < wanted.x + wanted.w && wanted.x < x + w)
      .sort((a, b) => a.y - b.y);
    let ceiling = 0;
    let y = wanted.y;
    let isBlocked = false;
    for (const other of inColumns) {
      if (other.y + other.h <= y) ceiling = Math.max(ceiling, other.y + other.h);
      else if (other.y < y + wanted.h) {
        y = other.y + other.h;
        isBlocked = true;
      }
    }
    return isBlocked ? y : ceiling;
  }
}
