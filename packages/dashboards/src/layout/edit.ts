import { at, compact } from "./compact.ts";
import { GRID_COLUMNS, type GridItem } from "./placed-panel.ts";

/** Smallest width, in grid units, to which a user can resize a panel. MIN_HEIGHT is the smallest height. */
const MIN_WIDTH = 2;
const MIN_HEIGHT = 2;

/**
 * Moves an item of a grid to a position. Other items at this position move below it, and then all items move up as far
 * as possible. Returns the same list if the item does not exist.
 */
export function moveItem<Item extends GridItem>(
  items: readonly Item[],
  key: string,
  to: { x: number; y: number },
): Item[] {
  const item = items.find((each) => each.key === key);
  if (item === undefined) return [...items];
  const { w, h } = item.position;
  const position = { x: within(to.x, 0, GRID_COLUMNS - w), y: Math.max(Math.round(to.y), 0), w, h };
  return settle(items, item, position);
}

/** Resizes an item. Items that it would cover move below it. */
export function resizeItem<Item extends GridItem>(
  items: readonly Item[],
  key: string,
  size: { w: number; h: number },
): Item[] {
  const item = items.find((each) => each.key === key);
  if (item === undefined) return [...items];
  const { x, y } = item.position;
  const w = within(size.w, MIN_WIDTH, GRID_COLUMNS - x);
  return settle(items, item, { x, y, w, h: Math.max(Math.round(size.h), MIN_HEIGHT) });
}

/** Adds an item at its position. Items that are in the way move below it. */
export function addItem<Item extends GridItem>(items: readonly Item[], item: Item): Item[] {
  return compact([item, ...items]);
}

/** Puts the moved item before other items at the same position, so that the other items give way to it. */
function settle<Item extends GridItem>(items: readonly Item[], item: Item, position: GridItem["position"]): Item[] {
  return compact([at(item, position), ...items.filter((each) => each !== item)].map(raised(item.key, position)));
}

/**
 * Returns a function that prepares an item for sorting after a move. An item that the moved item overlaps, and that
 * starts in the same row, is moved down by half a row. Otherwise it could come first in reading order and keep its
 * position.
 */
function raised<Item extends GridItem>(key: string, over: GridItem["position"]): (item: Item) => Item {
  return (item) => {
    const { x, y, w } = item.position;
    const isHit = item.key !== key && y === over.y && x < over.x + over.w && over.x < x + w;
    return isHit ? at(item, { ...item.position, y: y + 0.5 }) : item;
  };
}

function within(value: number, least: number, most: number): number {
  return Math.min(Math.max(Math.round(value), least), Math.max(most, least));
}
