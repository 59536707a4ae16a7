import type { GridPosition, Panel, VariableOption } from "../model/dashboard.ts";

/** Columns of the grid. */
export const GRID_COLUMNS = 24;

/** What has a place on the grid: a panel, a clone of one, a row. */
export interface GridItem {
  /** Unique on the dashboard and the same as long as it is there: `panel-3`, `panel-3-clone-1`. */
  readonly key: string;
  readonly position: GridPosition;
}

/** Values of variables that hold for one clone: by name of the variable. */
export type ScopedVariables = Readonly<Record<string, VariableOption>>;

/** A panel or row where it stands, repeats included. */
export interface PlacedPanel extends GridItem {
  readonly panel: Panel;
  /** Variables whose value is another than the dashboard's here. */
  readonly scope: ScopedVariables;
  /** Whether it is a copy that its panel or row was repeated as; the first stands in place of the original and is none. */
  readonly isClone: boolean;
}

/** The key of a panel that is no clone. */
export function panelKey(id: number): string {
  return `panel-${id}`;
}

/** The bottom of the lowest of several items, in units of the grid; 0 of none. */
export function bottomOf(items: readonly { readonly position: GridPosition }[]): number {
  return items.reduce((bottom, { position }) => Math.max(bottom, position.y + position.h), 0);
}

/** From top to bottom and from left to right. */
export function inReadingOrder<Item extends { readonly position: GridPosition }>(items: readonly Item[]): Item[] {
  return items.toSorted((a, b) => a.position.y - b.position.y || a.position.x - b.position.x);
}
