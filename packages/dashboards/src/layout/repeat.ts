import type { Panel, VariableOption } from "../model/dashboard.ts";
import {
  bottomOf,
  GRID_COLUMNS,
  inReadingOrder,
  panelKey,
  type PlacedPanel,
  type ScopedVariables,
} from "./placed-panel.ts";
import { sectionsOf } from "./rows.ts";

/**
 * Function that returns the chosen values of a variable. A panel or row is repeated for each of them. If All is chosen,
 * returns all values. Returns undefined if the variable does not exist.
 */
export type RepeatValues = (variable: string) => readonly VariableOption[] | undefined;

/**
 * Largest number of values for which a panel or row is repeated. MAX_PANELS limits all drawn panels. A dashboard with
 * more panels would overload the browser.
 */
const MAX_VALUES = 500;
const MAX_PANELS = 20_000;

const NO_SCOPE: ScopedVariables = {};

/**
 * Returns a dashboard's panels as they are drawn. Repeats rows and panels for the values of their variables, and moves
 * the panels below down. Leaves out the panels of collapsed rows. The key of a copy contains its number, not its value,
 * so the key stays the same when values change.
 */
export function repeatPanels(panels: readonly Panel[], valuesOf: RepeatValues): PlacedPanel[] {
  const placed: PlacedPanel[] = [];
  let shift = 0;
  for (const { row, panels: members } of sectionsOf(panels)) {
    const values = row === undefined ? [undefined] : scopesOf(row, valuesOf);
    const top = row?.position.y ?? 0;
    const isOpen = row === undefined || !row.collapsed;
    const base = isOpen ? members : [];
    const original = row === undefined ? bottomOf(base) : Math.max(bottomOf(base), top + 1);
    values.forEach((scope, i) => {
      if (i > 0 && placed.length + base.length > MAX_PANELS) return;
      const prefix = i === 0 || row === undefined ? "" : `${panelKey(row.id)}-clone-${i}/`;
      if (row !== undefined) placed.push(rowAt(row, top + shift, scope ?? NO_SCOPE, i));
      const room = MAX_PANELS - placed.length;
      const grown = repeatMembers(base, { shift, scope: scope ?? NO_SCOPE, prefix, valuesOf, room });
      for (const item of grown.placed) placed.push(item);
      shift += grown.growth;
      if (i < values.length - 1) shift += original - top;
    });
  }
  return placed;
}

function rowAt(row: Panel, y: number, scope: ScopedVariables, index: number): PlacedPanel {
  const key = index === 0 ? panelKey(row.id) : `${panelKey(row.id)}-clone-${index}`;
  return { key, panel: row, position: { ...row.position, y }, scope, isClone: index > 0 };
}

/**
 * Returns the variable values for each copy of a panel. If the panel is not repeated, the list has a single undefined
 * element.
 */
function scopesOf(panel: Panel, valuesOf: RepeatValues, room = MAX_VALUES): (ScopedVariables | undefined)[] {
  const most = Math.min(Math.max(room, 1), MAX_VALUES);
  const values = panel.repeat === undefined ? undefined : valuesOf(panel.repeat)?.slice(0, most);
  if (panel.repeat === undefined || values === undefined || values.length === 0) return [undefined];
  const name = panel.repeat;
  return values.map((value) => Object.fromEntries([[name, value]]));
}

interface MemberContext {
  /** Distance by which the panels of the section are moved down, grid units. */
  readonly shift: number;
  readonly scope: ScopedVariables;
  /** Prefix of the keys of panels in a copy of a row. */
  readonly prefix: string;
  readonly valuesOf: RepeatValues;
  /** Number of panels that may still be drawn. When it reaches 0, panels are no longer repeated. */
  readonly room: number;
}

/**
 * Repeats the panels of a section. The copies of a panel are one block without other panels: panels next to it that
 * would overlap the block are placed below it. Panels below a repeated panel are pushed down by the height that
 * it has gained.
 */
function repeatMembers(members: readonly Panel[], context: MemberContext): { placed: PlacedPanel[]; growth: number } {
  const growths = new Growths();
  const filled = new FilledColumns();
  let drawn = 0;
  const placed = blocksFirst(members, context.valuesOf).flatMap((panel) => {
    const { y, h } = panel.position;
    const pushed = growths.above(y);
    const copies = copiesOf(panel, { ...context, room: context.room - drawn });
    drawn += copies.length;
    const top = filled.place(copies, y + context.shift + pushed);
    const grown = top + bottomOf(copies) - (y + context.shift + pushed + h);
    if (grown > 0) growths.add(y + h, pushed + grown);
    return copies.map((copy) => ({ ...copy, position: { ...copy.position, y: copy.position.y + top } }));
  });
  const bottom = bottomOf(members);
  const growth = members.length === 0 ? 0 : Math.max(bottomOf(placed) - context.shift - bottom, 0);
  return { placed, growth };
}

/** Reports whether the copies of a panel are side by side. A block of such copies begins at the left edge. */
const isAcross = (panel: Panel, valuesOf: RepeatValues): boolean =>
  panel.repeatDirection === "h" && panel.repeat !== undefined && (valuesOf(panel.repeat)?.length ?? 0) > 0;

/** Sorts panels from top to bottom. In a line, panels with copies side by side are before their neighbours. */
function blocksFirst(panels: readonly Panel[], valuesOf: RepeatValues): readonly Panel[] {
  if (panels.every(({ repeat }) => repeat === undefined)) return panels;
  const blocks = new Set(panels.filter((panel) => isAcross(panel, valuesOf)));
  return inReadingOrder(panels).toSorted(
    (a, b) => a.position.y - b.position.y || Number(blocks.has(b)) - Number(blocks.has(a)),
  );
}

/** The filled height of each column, so that panels do not overlap. */
class FilledColumns {
  readonly #bottoms = new Float64Array(GRID_COLUMNS);

  /**
   * Places the copies of a panel as one block and returns the top of the block, in grid units.
   * @param copies copies whose positions are relative to the block's top
   * @param y smallest top
   */
  place(copies: readonly PlacedPanel[], y: number): number {
    const from = copies.reduce((least, { position }) => Math.min(least, position.x), GRID_COLUMNS);
    const to = copies.reduce((most, { position }) => Math.max(most, position.x + position.w), from);
    const columns = this.#bottoms.subarray(from, to);
    const top = columns.reduce((a, b) => Math.max(a, b), y);
    columns.fill(top + bottomOf(copies));
    return top;
  }
}

/**
 * Computes how far panels are pushed down by repeated panels above them. If several repeated panels are side by side,
 * the largest gain in height counts.
 */
class Growths {
  /**
   * Repeated panels whose bottom edge is below the `y` of the last call of `above()`, with the height that each has
   * gained. The panel with the highest bottom edge is last.
   */
  readonly #ahead: { bottom: number; by: number }[] = [];
  #by = 0;

  add(bottom: number, by: number): void {
    let i = this.#ahead.length;
    while (i > 0 && this.#ahead[i - 1]!.bottom < bottom) i--;
    this.#ahead.splice(i, 0, { bottom, by });
  }

  /** Returns how far panels that start at `y` are pushed down, in grid units. Must be called with ascending `y`. */
  above(y: number): number {
    while (this.#ahead.length > 0 && this.#ahead.at(-1)!.bottom <= y)
      this.#by = Math.max(this.#by, this.#ahead.pop()!.by);
    return this.#by;
  }
}

/** Returns the copies of a panel. Their positions are relative to the top of the first copy. */
function copiesOf(panel: Panel, context: MemberContext): PlacedPanel[] {
  const scopes = scopesOf(panel, context.valuesOf, context.room);
  const { x, w, h } = panel.position;
  const columns = Math.min(scopes.length, panel.maxPerRow);
  const areAcross = isAcross(panel, context.valuesOf);
  const width = areAcross ? Math.floor(GRID_COLUMNS / columns) : w;
  return scopes.map((scope, i) => ({
    key: context.prefix + (i === 0 ? panelKey(panel.id) : `${panelKey(panel.id)}-clone-${i}`),
    panel,
    position: areAcross
      ? { x: (i % columns) * width, y: Math.floor(i / columns) * h, w: width, h }
      : { x, y: i * h, w, h },
    scope: scope === undefined ? context.scope : { ...context.scope, ...scope },
    isClone: i > 0 || context.prefix !== "",
  }));
}
