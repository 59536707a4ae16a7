import type { Panel, VariableOption } from "../model/dashboard.ts";
import { bottomOf, GRID_COLUMNS, panelKey, type PlacedPanel, type ScopedVariables } from "./placed-panel.ts";
import { sectionsOf } from "./rows.ts";

/** What a panel or row may be repeated for: the values chosen of a variable, All being all of them. Undefined: no such variable. */
export type RepeatValues = (variable: string) => readonly VariableOption[] | undefined;

/** Beyond that a dashboard is no use, and the browser would suffer: values of a repeat, and panels drawn in all. */
const MOST_VALUES = 500;
const MOST_PANELS = 20_000;

/**
 * A dashboard's panels as they are drawn: rows and panels repeated for the values of their variables, what stands below
 * pushed down by as much as they grow. Panels of collapsed rows are not among them. Keys stay the same when values do, since
 * they count clones.
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
      if (i > 0 && placed.length + base.length > MOST_PANELS) return;
      const prefix = i === 0 || row === undefined ? "" : `${panelKey(row.id)}-clone-${i}/`;
      if (row !== undefined) placed.push(rowAt(row, top + shift, scope ?? {}, i));
      const room = MOST_PANELS - placed.length;
      const grown = repeatMembers(base, { shift, scope: scope ?? {}, prefix, valuesOf, room });
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

/** One scope for each value, or one without a value where there is nothing to repeat for. */
function scopesOf(panel: Panel, valuesOf: RepeatValues, room = MOST_VALUES): (ScopedVariables | undefined)[] {
  const most = Math.min(Math.max(room, 1), MOST_VALUES);
  const values = panel.repeat === undefined ? undefined : valuesOf(panel.repeat)?.slice(0, most);
  if (panel.repeat === undefined || values === undefined || values.length === 0) return [undefined];
  const name = panel.repeat;
  return values.map((value) => Object.fromEntries([[name, value]]));
}

interface MemberContext {
  /** How much lower they stand than they say. */
  readonly shift: number;
  readonly scope: ScopedVariables;
  /** Before keys of panels in a clone of a row. */
  readonly prefix: string;
  readonly valuesOf: RepeatValues;
  /** How many panels may be drawn yet; beyond it panels are not repeated. */
  readonly room: number;
}

/** Panels of a section, repeated; each pushes down what stands below its former bottom. */
function repeatMembers(members: readonly Panel[], context: MemberContext): { placed: PlacedPanel[]; growth: number } {
  const growths = new Growths();
  let drawn = 0;
  const placed = members.flatMap((panel) => {
    const pushed = growths.above(panel.position.y);
    const room = context.room - drawn;
    const copies = copiesOf(panel, { ...context, room }, context.shift + pushed);
    drawn += copies.length;
    const grown = bottomOf(copies) - (panel.position.y + context.shift + pushed + panel.position.h);
    if (grown > 0) growths.add(panel.position.y + panel.position.h, pushed + grown);
    return copies;
  });
  const bottom = bottomOf(members);
  const growth = members.length === 0 ? 0 : Math.max(bottomOf(placed) - context.shift - bottom, 0);
  return { placed, growth };
}

/** How much what stands at a height is pushed down by repeats above it. Of repeats side by side the greatest counts. */
class Growths {
  /** Those whose bottom is not reached yet, the nearest last. */
  readonly #ahead: { bottom: number; by: number }[] = [];
  #by = 0;

  add(bottom: number, by: number): void {
    let i = this.#ahead.length;
    while (i > 0 && this.#ahead[i - 1]!.bottom < bottom) i--;
    this.#ahead.splice(i, 0, { bottom, by });
  }

  /** Of heights that only grow. */
  above(y: number): number {
    while (this.#ahead.length > 0 && this.#ahead.at(-1)!.bottom <= y)
      this.#by = Math.max(this.#by, this.#ahead.pop()!.by);
    return this.#by;
  }
}

function copiesOf(panel: Panel, context: MemberContext, shift: number): PlacedPanel[] {
  const scopes = scopesOf(panel, context.valuesOf, context.room);
  const { x, y, w, h } = panel.position;
  const columns = Math.min(scopes.length, panel.maxPerRow);
  const isAcross = panel.repeatDirection === "h" && scopes[0] !== undefined;
  const width = isAcross ? Math.floor(GRID_COLUMNS / columns) : w;
  return scopes.map((scope, i) => ({
    key: context.prefix + (i === 0 ? panelKey(panel.id) : `${panelKey(panel.id)}-clone-${i}`),
    panel,
    position: isAcross
      ? { x: (i % columns) * width, y: y + shift + Math.floor(i / columns) * h, w: width, h }
      : { x, y: y + shift + i * h, w, h },
    scope: { ...context.scope, ...scope },
    isClone: i > 0 || context.prefix !== "",
  }));
}
