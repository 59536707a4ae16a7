import type { Panel } from "../model/dashboard.ts";
import type { MutableJson } from "../model/json.ts";
import { bottomOf, inReadingOrder } from "./placed-panel.ts";

/** A row and what belongs to it; the panels above the first row have none. */
export interface Section {
  readonly row?: Panel;
  /** Panels within the row where it is collapsed, and between it and the next row where it is open. */
  readonly panels: readonly Panel[];
}

/** Divides a dashboard's panels at their rows, from top to bottom. */
export function sectionsOf(panels: readonly Panel[]): Section[] {
  const sections: { row?: Panel; panels: Panel[] }[] = [{ panels: [] }];
  for (const panel of inReadingOrder(panels)) {
    if (panel.type !== "row") sections.at(-1)!.panels.push(panel);
    else if (panel.collapsed) sections.push({ row: panel, panels: inReadingOrder(panel.panels) }, { panels: [] });
    else sections.push({ row: panel, panels: [...panel.panels] });
  }
  return joined(sections);
}

/** What follows on a collapsed row has no row of its own; where nothing follows there is no section. */
function joined(sections: readonly Section[]): Section[] {
  return sections.filter(({ row, panels }) => row !== undefined || panels.length > 0);
}

/** Panels of an open row move into it, and what is below moves up. The same list where there is no such open row. */
export function collapseRow(panels: readonly Panel[], rowId: number): readonly Panel[] {
  const row = panels.find(({ id, type }) => id === rowId && type === "row");
  if (row === undefined || row.collapsed) return panels;
  const members = sectionsOf(panels).find((section) => section.row?.id === rowId)?.panels ?? [];
  const inside = new Set(members);
  const top = row.position.y + 1;
  const gap = members.length === 0 ? 0 : Math.max(bottomOf(members) - top, 0);
  const closed = rewritten(row, { collapsed: true, panels: members });
  return panels
    .filter((panel) => !inside.has(panel))
    .map((panel) => (panel === row ? closed : panel.position.y >= top ? moved(panel, -gap) : panel));
}

/** Panels within a collapsed row come out below it, and what is there moves down. The same list where there is no such row. */
export function expandRow(panels: readonly Panel[], rowId: number): readonly Panel[] {
  const row = panels.find(({ id, type }) => id === rowId && type === "row");
  if (row === undefined || !row.collapsed) return panels;
  const top = row.position.y + 1;
  const first = row.panels.reduce((least, { position }) => Math.min(least, position.y), Infinity);
  const members = row.panels.map((panel) => moved(panel, top - first));
  const gap = members.length === 0 ? 0 : bottomOf(members) - top;
  const open = rewritten(row, { collapsed: false, panels: [] });
  return panels.flatMap((panel) => {
    if (panel === row) return [open, ...members];
    return [panel.position.y >= top ? moved(panel, gap) : panel];
  });
}

/** A panel at another height, in its JSON too. */
export function moved(panel: Panel, by: number): Panel {
  if (by === 0) return panel;
  return placedAt(panel, { ...panel.position, y: Math.max(panel.position.y + by, 0) });
}

/** A panel at another place, in its JSON too. */
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

/** The JSON of a list of panels, for `patchDashboard` at `panels`; it is that of the panels, which moves keep up. */
export function panelsJson(panels: readonly Panel[]): unknown[] {
  return panels.map((panel) => panel.source);
}
