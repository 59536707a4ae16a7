import { at, compact } from "./compact.ts";
import { GRID_COLUMNS, type GridItem } from "./placed-panel.ts";

/** No panel is made smaller than this by hand. */
const LEAST_WIDTH = 2;
const LEAST_HEIGHT = 2;

/** Moves an item to a place; what is there goes below it, and all move up as far as they can. The same list where there is no such item. */
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

/** Gives an item another size; what it grows over goes below it. */
export function resizeItem<Item extends GridItem>(
  items: readonly Item[],
  key: string,
  size: { w: number; h: number },
): Item[] {
  const item = items.find((each) => each.key === key);
  if (item === undefined) return [...items];
  const { x, y } = item.position;
  const w = within(size.w, LEAST_WIDTH, GRID_COLUMNS - x);
  return settle(items, item, { x, y, w, h: Math.max(Math.round(size.h), LEAST_HEIGHT) });
}

/** Adds an item at the top, or where it says, above what is there. */
export function addItem<Item extends GridItem>(items: readonly Item[], item: Item): Item[] {
  return compact([item, ...items]);
}

/** Takes an item away; what was below it moves up. */
export function removeItem<Item extends GridItem>(items: readonly Item[], key: string): Item[] {
  return compact(items.filter((item) => item.key !== key));
}

/** The item that was moved stands first among those of the same place, so that it takes it and they give way. */
function settle<Item extends GridItem>(items: readonly Item[], item: Item, position: GridItem["position"]): Item[] {
  return compact([at(item, position), ...items.filter((each) => each !== item)].map(raised(item.key, position)));
}

/** What starts in the same line and is overlapped may be read first: it is put right behind, and gives way downwards. */
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
