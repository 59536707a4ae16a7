import {
  addItem,
  collapseRow,
  collapseRows,
  compact,
  expandRow,
  expandRows,
  GRID_COLUMNS,
  type GridPosition,
  type JsonObject,
  type Panel,
  panelKey,
  panelsJson,
  placedAt,
  readSource,
  sectionsOf,
} from "@narthex/dashboards";
import { arranged, type Gesture } from "./arrange.ts";
import { freePlace } from "./free-place.ts";

const panelsOf = (json: JsonObject): readonly Panel[] => readSource(json).dashboard.panels;

/** Returns the dashboard's JSON with the given panels. The JSON of unchanged panels stays the same object. */
const withPanels = (json: JsonObject, panels: readonly Panel[]): JsonObject => ({
  ...json,
  panels: panelsJson(panels),
});

/** Returns the dashboard's JSON after the user has moved a panel or a row, or resized a panel. */
export const withGesture = (json: JsonObject, gesture: Gesture): JsonObject =>
  withPanels(json, arranged(panelsOf(json), gesture));

/** Expands or collapses a row. */
export function withRowToggled(json: JsonObject, id: number): JsonObject {
  const panels = panelsOf(json);
  const isCollapsed = panels.find((panel) => panel.id === id)?.collapsed === true;
  return withPanels(json, isCollapsed ? expandRow(panels, id) : collapseRow(panels, id));
}

/** Returns an unused panel id. Ids of panels inside rows count as used. */
export function freePanelId(panels: readonly Panel[]): number {
  return 1 + panels.reduce((most, { id, panels: inner }) => Math.max(most, id, freePanelId(inner) - 1), 0);
}

/** Adds a panel with an unused id at a position, by default at a free place. Panels at this position are moved down. */
export function withPanelAdded(json: JsonObject, panel: JsonObject, at: Partial<GridPosition> = {}): JsonObject {
  const panels = panelsOf(json);
  const id = freePanelId(panels);
  const own = sizeOf(panel);
  const place = freePlace(panels, panel["type"] === "row" ? { w: GRID_COLUMNS, h: 1 } : own);
  const gridPos = { ...own, ...place, ...at };
  const inner = Array.isArray(panel["panels"]) ? renumbered(panel["panels"] as readonly unknown[], id + 1) : undefined;
  const source: JsonObject = { ...panel, id, gridPos, ...(inner === undefined ? {} : { panels: inner }) };
  const added = panelsOf({ panels: [source] })[0];
  if (added === undefined) return json;
  const { w } = added.position;
  const position = { ...added.position, x: Math.min(at.x ?? place.x, GRID_COLUMNS - w), y: at.y ?? place.y };
  const items = addItem(
    panels.map((one) => ({ key: panelKey(one.id), position: one.position, panel: one })),
    { key: panelKey(id), position, panel: added },
  );
  return withPanels(
    json,
    items.map((item) => placedAt(item.panel, item.position)),
  );
}

/** Returns the size that a panel's JSON contains, with other keys of its position. */
function sizeOf({ gridPos }: JsonObject): { readonly w?: number; readonly h?: number } {
  if (typeof gridPos !== "object" || gridPos === null) return {};
  const { w, h, ...rest } = gridPos as JsonObject;
  return { ...rest, ...(typeof w === "number" && { w }), ...(typeof h === "number" && { h }) };
}

const renumbered = (panels: readonly unknown[], from: number): readonly unknown[] =>
  panels.map((panel, i) => (typeof panel === "object" && panel !== null ? { ...panel, id: from + i } : panel));

/** Adds a copy of a panel next to it, or below it if there is no room. */
export function withPanelDuplicated(json: JsonObject, id: number): JsonObject {
  const panel = panelsOf(json).find((one) => one.id === id);
  if (panel === undefined) return json;
  const { x, y, w, h } = panel.position;
  const hasRoom = x + 2 * w <= 24 && panel.type !== "row";
  // The copy below the original is placed half a unit higher, so that it sorts before a row at that position. Otherwise
  // the copy would become part of the row.
  return withPanelAdded(json, panel.source, hasRoom ? { x: x + w, y } : { x, y: y + h - 0.5 });
}

/** Removes a panel. If the panel is a row, the row's panels stay. */
export function withoutPanel(json: JsonObject, id: number): JsonObject {
  const panels = panelsOf(json);
  const row = panels.find((panel) => panel.id === id && panel.type === "row");
  const open = row?.collapsed === true ? expandRow(panels, id) : panels;
  return withPanels(json, compacted(open.filter((panel) => panel.id !== id)));
}

/** Removes a row with all its panels. */
export function withoutSection(json: JsonObject, rowId: number): JsonObject {
  const panels = panelsOf(json);
  const section = sectionsOf(panels).find(({ row }) => row?.id === rowId);
  if (section === undefined) return json;
  const removed = new Set([rowId, ...section.panels.map(({ id }) => id)]);
  return withPanels(json, compacted(panels.filter(({ id }) => !removed.has(id))));
}

function compacted(panels: readonly Panel[]): readonly Panel[] {
  const items = compact(panels.map((panel) => ({ key: panelKey(panel.id), position: panel.position, panel })));
  return items.map((item) => placedAt(item.panel, item.position));
}

/** Expands or collapses all rows. */
export function withAllRows(json: JsonObject, isCollapsed: boolean): JsonObject {
  const panels = panelsOf(json);
  const turned = (isCollapsed ? collapseRows : expandRows)(panels, panels);
  return turned === panels ? json : withPanels(json, turned);
}
