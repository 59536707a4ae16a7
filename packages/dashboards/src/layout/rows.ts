import type { Panel } from "../model/dashboard.ts";
import type { MutableJson } from "../model/json.ts";
import { bottomOf, inReadingOrder } from "./placed-panel.ts";

/** A section of a dashboard: a row and its panels. The panels above the first row have no row. */
export interface Section {
  readonly row?: Panel;
  /** The panels within a collapsed row, or between an expanded row and the next one. */
  readonly panels: readonly Panel[];
}

/** Splits a dashboard's panels at their rows, from top to bottom. */
export function sectionsOf(panels: readonly Panel[]): Section[] {
  const sections: { row?: Panel; panels: Panel[] }[] = [{ panels: [] }];
  for (const panel of inReadingOrder(panels)) {
    if (panel.type !== "row") sections.at(-1)!.panels.push(panel);
    else if (panel.collapsed) sections.push({ row: panel, panels: inReadingOrder(panel.panels) }, { panels: [] });
    else sections.push({ row: panel, panels: [...panel.panels] });
  }
  return joined(sections);
}

/**
 * Removes empty sections (without a row and without panels), which result from rows that follow a collapsed row
 * directly.
 */
function joined(sections: readonly Section[]): Section[] {
  return sections.filter(({ row, panels }) => row !== undefined || panels.length > 0);
}

const isRow = ({ type }: Panel): boolean => type === "row";

/**
 * Collapses an expanded row: moves the row's panels into its list, and moves the panels below up. Returns the same list
 * if there is no such expanded row.
 */
export function collapseRow(panels: readonly Panel[], rowId: number): readonly Panel[] {
  const row = panels.find((panel) => panel.id === rowId && isRow(panel));
  return row === undefined ? panels : collapseRows(panels, [row]);
}

/**
 * Expands a collapsed row: moves the panels in its list to below the row, and moves the following panels down. Returns
 * the same list if there is no such row.
 */
export function expandRow(panels: readonly Panel[], rowId: number): readonly Panel[] {
  const row = panels.find((panel) => panel.id === rowId && isRow(panel));
  return row === undefined ? panels : expandRows(panels, [row]);
}

export function collapseRows(panels: readonly Panel[], rows: readonly Panel[]): readonly Panel[] {
  const wanted = new Set(rows.filter((panel) => isRow(panel) && !panel.collapsed));
  if (wanted.size === 0) return panels;
  const closed = new Map<Panel, Panel>();
  const inside = new Set<Panel>();
  const shifts = new Shifts();
  for (const { row, panels: members } of sectionsOf(panels)) {
    if (row === undefined || !wanted.has(row)) continue;
    const top = row.position.y + 1;
    const shift = shifts.at(row.position.y);
    const within = members.map((panel) => moved(panel, shift));
    closed.set(row, rewritten(row, { collapsed: true, panels: within }));
    shifts.add(top, members.length === 0 ? 0 : -Math.max(bottomOf(members) - top, 0));
    for (const member of members) inside.add(member);
  }
  return panels
    .filter((panel) => !inside.has(panel))
    .map((panel) => moved(closed.get(panel) ?? panel, shifts.at(panel.position.y)));
}

export function expandRows(panels: readonly Panel[], rows: readonly Panel[]): readonly Panel[] {
  const wanted = new Set(rows.filter((panel) => isRow(panel) && panel.collapsed));
  if (wanted.size === 0) return panels;
  const opened = new Map<Panel, readonly Panel[]>();
  const shifts = new Shifts();
  // Processes rows in order of their vertical position. If two rows share a position, the panels of the later row come
  // first.
  for (const row of panels.toReversed().toSorted((a, b) => a.position.y - b.position.y)) {
    if (!wanted.has(row)) continue;
    const { y } = row.position;
    const first = row.panels.reduce((least, { position }) => Math.min(least, position.y), Infinity);
    const gap = row.panels.length === 0 ? 0 : Math.max(bottomOf(row.panels) - first, 0);
    const members = row.panels.map((panel) => moved(panel, y + shifts.sum + 1 - first));
    opened.set(row, [moved(rewritten(row, { collapsed: false, panels: [] }), shifts.at(y)), ...members]);
    shifts.add(y + 1, gap);
  }
  return panels.flatMap((panel) => opened.get(panel) ?? [moved(panel, shifts.at(panel.position.y))]);
}

/** Vertical offsets of panels. Each offset applies to all panels that start at or below a given row of the grid. */
class Shifts {
  sum = 0;
  /**
   * Grid rows from which offsets apply, ascending. `#sums` contains the total of all offsets that apply from each of
   * these rows on.
   */
  readonly #tops: number[] = [];
  readonly #sums: number[] = [];

  /**
   * Adds an offset for panels that start at or below `top`.
   * @param top must not be smaller than in earlier calls
   */
  add(top: number, by: number): void {
    this.sum += by;
    this.#tops.push(top);
    this.#sums.push(this.sum);
  }

  at(y: number): number {
    let [low, high] = [0, this.#tops.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#tops[middle]! <= y) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? 0 : this.#sums[low - 1]!;
  }
}

/** Returns a copy of a panel that is moved vertically by `by` grid units, with its JSON updated. */
function moved(panel: Panel, by: number): Panel {
  if (by === 0) return panel;
  return placedAt(panel, { ...panel.position, y: Math.max(panel.position.y + by, 0) });
}

/** Returns a copy of a panel at another position, with its JSON updated. */
export function placedAt(panel: Panel, position: Panel["position"]): Panel {
  const { x, y, w, h } = panel.position;
  if (x === position.x && y === position.y && w === position.w && h === position.h) return panel;
  const old = panel.source["gridPos"];
  const gridPos = { ...(typeof old === "object" && old), x: position.x, y: position.y, w: position.w, h: position.h };
  return { ...panel, position, source: { ...panel.source, gridPos } };
}

function rewritten(row: Panel, { collapsed, panels }: Pick<Panel, "collapsed" | "panels">): Panel {
  const source: MutableJson = { ...row.source, collapsed, panels: panels.map((panel) => panel.source) };
  return { ...row, collapsed, panels, source };
}

/** Returns the JSON of a list of panels, for `patchDashboard` at the path `panels`. */
export function panelsJson(panels: readonly Panel[]): unknown[] {
  return panels.map((panel) => panel.source);
}
