import {
  bottomOf,
  type GridItem,
  GRID_COLUMNS,
  moveItem,
  type Panel,
  panelKey,
  placedAt,
  resizeItem,
  sectionsOf,
} from "@narthex/dashboards";

/** A move of a panel or row, or a resize of a panel. Positions and sizes are in units of the grid. */
export type Gesture =
  | { readonly kind: "move"; readonly id: number; readonly x: number; readonly y: number }
  | { readonly kind: "resize"; readonly id: number; readonly w: number; readonly h: number };

interface PanelItem extends GridItem {
  readonly panel: Panel;
}

const itemsOf = (panels: readonly Panel[]): readonly PanelItem[] =>
  panels.map((panel) => ({ key: panelKey(panel.id), position: panel.position, panel }));

/**
 * Returns the panels after a move or resize, in their old order. A row is moved together with its panels, and cannot be
 * resized.
 */
export function arranged(panels: readonly Panel[], gesture: Gesture): readonly Panel[] {
  const panel = panels.find(({ id }) => id === gesture.id);
  if (panel === undefined) return panels;
  if (panel.type === "row") return gesture.kind === "move" ? withRowAt(panels, panel, gesture.y) : panels;
  const key = panelKey(gesture.id);
  const items =
    gesture.kind === "move" ? moveItem(itemsOf(panels), key, gesture) : resizeItem(itemsOf(panels), key, gesture);
  return inOrderOf(
    panels,
    items.map((item) => placedAt(item.panel, item.position)),
  );
}

function inOrderOf(panels: readonly Panel[], placed: readonly Panel[]): readonly Panel[] {
  const byId = new Map(placed.map((panel) => [panel.id, panel]));
  return panels.map((panel) => byId.get(panel.id) ?? panel);
}

/**
 * Moves a row with its panels in front of the first section whose vertical middle is below `y`. A section is a row with
 * its panels.
 */
function withRowAt(panels: readonly Panel[], row: Panel, y: number): readonly Panel[] {
  const sections = sectionsOf(panels).map((section) => ({
    row: section.row,
    // Panels in a collapsed row are not moved, because their positions are relative to the row.
    members: [...(section.row === undefined ? [] : [section.row]), ...(section.row?.collapsed ? [] : section.panels)],
  }));
  const taken = sections.find((section) => section.row?.id === row.id);
  if (taken === undefined) return panels;
  const others = sections.filter((section) => section !== taken);
  const spans = others.map(({ members }) => {
    const top = members.map(({ position }) => position.y).reduce((a, b) => Math.min(a, b), Infinity);
    return (top + bottomOf(members)) / 2;
  });
  const found = spans.findIndex((middle, i) => others[i]!.row !== undefined && middle > y);
  const at = found < 0 ? others.length : found;
  const placed: Panel[] = [];
  let top = 0;
  for (const { members } of [...others.slice(0, at), taken, ...others.slice(at)]) {
    const first = members.map(({ position }) => position.y).reduce((a, b) => Math.min(a, b), Infinity);
    for (const panel of members) {
      placed.push(placedAt(panel, { ...panel.position, y: panel.position.y - first + top }));
    }
    top += bottomOf(members) - first;
  }
  return inOrderOf(panels, placed);
}

/** Arrow keys that move a panel, or resize it with Shift. */
export type Direction = "left" | "right" | "up" | "down";

/**
 * Returns the shortest move in a direction that changes the panel's position in the grid. Returns undefined if the
 * panel cannot move further.
 */
export function stepOf(panels: readonly Panel[], id: number, direction: Direction): Gesture | undefined {
  const panel = panels.find((one) => one.id === id);
  if (panel === undefined) return undefined;
  const { x, y } = panel.position;
  const sideways: Readonly<Record<string, number>> = { left: -1, right: 1 };
  const by = sideways[direction];
  if (by !== undefined) {
    const to = x + by;
    const isWithin = to >= 0 && to + panel.position.w <= GRID_COLUMNS && panel.type !== "row";
    return isWithin ? { kind: "move", id, x: to, y } : undefined;
  }
  for (const to of positionsFrom(panels, panel, direction)) {
    const gesture: Gesture = { kind: "move", id, x, y: to };
    const movedY = arranged(panels, gesture).find((one) => one.id === id)?.position.y ?? y;
    if (direction === "up" ? movedY < y : movedY > y) return gesture;
  }
  return undefined;
}

/**
 * Returns the vertical positions to which a panel may move, nearest first: the top and bottom edges of all panels, and
 * one unit below each top edge.
 */
function positionsFrom(panels: readonly Panel[], panel: Panel, direction: Direction): readonly number[] {
  const { y } = panel.position;
  const edges = new Set(panels.flatMap(({ position }) => [position.y, position.y + 1, position.y + position.h]));
  const near = [...edges].filter((edge) => (direction === "up" ? edge < y : edge > y));
  return near.toSorted((a, b) => Math.abs(a - y) - Math.abs(b - y)).slice(0, MAX_POSITIONS);
}

/** Maximum number of vertical positions that are tried for one key press. */
const MAX_POSITIONS = 60;

/** Returns the resize for Shift with an arrow key: one unit wider, narrower, higher or lower. */
export function sizeStepOf(panels: readonly Panel[], id: number, direction: Direction): Gesture | undefined {
  const panel = panels.find((one) => one.id === id);
  if (panel === undefined || panel.type === "row") return undefined;
  const { w, h } = panel.position;
  const grown = {
    left: { w: w - 1, h },
    right: { w: w + 1, h },
    up: { w, h: h - 1 },
    down: { w, h: h + 1 },
  }[direction];
  return { kind: "resize", id, ...grown };
}
