import type { GridPosition, Panel, VariableOption } from "../model/dashboard.ts";

export const GRID_COLUMNS = 24;

/** An item with a position on the grid: a panel, a clone of a panel, or a row. */
export interface GridItem {
  /**
   * Text that identifies the item on the dashboard, and stays the same while the item exists: `panel-3`,
   * `panel-3-clone-1`.
   */
  readonly key: string;
  readonly position: GridPosition;
}

/** Values of repeat variables for one copy of a panel, by the variable's name. */
export type ScopedVariables = Readonly<Record<string, VariableOption>>;

/** A panel or row at its position, including clones of repeats. */
export interface PlacedPanel extends GridItem {
  readonly panel: Panel;
  /** Variables that have another value in this panel than on the dashboard. */
  readonly scope: ScopedVariables;
  /** True for the copies of a repeated panel or row, except the first copy, which takes the place of the original. */
  readonly isClone: boolean;
}

/** Returns the key of a panel that is not a clone. */
export function panelKey(id: number): string {
  return `panel-${id}`;
}

/** Returns the bottom edge of the lowest of several items, in grid units; 0 without items. */
export function bottomOf(items: readonly { readonly position: GridPosition }[]): number {
  return items.reduce((bottom, { position }) => Math.max(bottom, position.y + position.h), 0);
}

/** Sorts items from top to bottom and from left to right. */
export function inReadingOrder<Item extends { readonly position: GridPosition }>(items: readonly Item[]): Item[] {
  return items.toSorted((a, b) => a.position.y - b.position.y || a.position.x - b.position.x);
}
