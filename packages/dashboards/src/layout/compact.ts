import type { GridPosition } from "../model/dashboard.ts";
import { GRID_COLUMNS, type GridItem, inReadingOrder } from "./placed-panel.ts";

/** How many looks at other items may be spent on items that overlap others; a layout that somebody made has none. */
const MOST_LOOKS = 2_000_000;

/**
 * Moves every item up until it meets another, as the grid does: nothing overlaps then, and no space is left above an item. Items
 * come back in reading order; those that stay where they are, are the same objects.
 */
export function compact<Item extends GridItem>(items: readonly Item[]): Item[] {
  const placement = new Placement();
  return inReadingOrder(items).map((item) => at(item, placement.place(item.position)));
}

/** An item at another place; the same item where it stands there already. */
export function at<Item extends GridItem>(item: Item, position: GridPosition): Item {
  const { x, y, w, h } = item.position;
  if (x === position.x && y === position.y && w === position.w && h === position.h) return item;
  return { ...item, position };
}

/** Items as they are placed one after another. */
class Placement {
  /** How far down each column is filled. */
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
    // From below everything in its columns, an item rises to what is lowest there. Only one that overlaps others, or starts
    // above some of them, may find a hole between them, for which all must be looked at.
    const y = from >= filled ? filled : this.#findHole({ x, y: from, w, h }, filled);
    const position = { x, y, w, h };
    this.#placed.push(position);
    for (let column = x; column < x + w; column++) this.#bottoms[column] = Math.max(this.#bottoms[column]!, y + h);
    this.#bottom = Math.max(this.#bottom, y + h);
    return position;
  }

  /** Rises from the place as long as nothing is there, or sinks to the next that is free. */
  #findHole(wanted: GridPosition, filled: number): number {
    if (this.#looks > MOST_LOOKS) return filled;
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
