import { listAt, type MutableJson, numberOf, objectsAt, ownValue, textAt } from "../../model/json.ts";
import type { Migration } from "../migration.ts";

const COLUMNS = 24;
/** Number of columns of the current grid (24 columns) for each column of an old row (12 columns). */
const COLUMNS_PER_SPAN = 2;
const DEFAULT_SPAN = 4;
const DEFAULT_HEIGHT_PX = 250;
const CELL_PX = 30;
const STEP_PX = 38;
/** Maximum height in px of an old row or panel. No reasonable panel is higher. */
const MAX_HEIGHT_PX = 38_000;

/**
 * Converts rows of panels with spans to positions on a grid. Panels of the type `row` are added only if an old row was
 * collapsed, repeated or showed its title.
 */
export const toV16: Migration = {
  to: 16,
  migrate(dashboard, { findings }) {
    if (!Array.isArray(ownValue(dashboard, "rows"))) return;
    const rows = objectsAt(dashboard, "rows").filter((row) => !ownValue(row, "repeatIteration"));
    delete dashboard["rows"];
    const hasRows = rows.some((row) => row["collapse"] || row["showTitle"] || row["repeat"]);
    const panels: unknown[] = [...listAt(dashboard, "panels")];
    let nextId = greatestId(rows) + 1;
    let y = 0;
    for (const row of rows) {
      const height = gridHeight(row["height"]);
      const rowPanel = hasRows ? rowPanelOf(row, nextId++, y) : undefined;
      if (rowPanel !== undefined) y++;
      const area = new RowArea(height, y);
      const members = objectsAt(row, "panels");
      for (const panel of members) area.place(panel);
      const isCollapsed = rowPanel !== undefined && rowPanel["collapsed"] === true;
      if (rowPanel !== undefined) panels.push(rowPanel);
      if (isCollapsed) rowPanel["panels"] = members;
      else {
        for (const item of members) panels.push(item);
        y = area.y + height;
      }
    }
    dashboard["panels"] = panels;
    findings.change("panels", "The rows of panels were converted to a grid of 24 columns.");
  },
};

function greatestId(rows: readonly MutableJson[]): number {
  return rows
    .flatMap((row) => objectsAt(row, "panels"))
    .reduce((most, panel) => {
      const id = ownValue(panel, "id");
      return typeof id === "number" && Number.isSafeInteger(id) ? Math.max(most, id) : most;
    }, 0);
}

function rowPanelOf(row: MutableJson, id: number, y: number): MutableJson {
  return {
    id,
    type: "row",
    title: textAt(row, "title"),
    collapsed: Boolean(row["collapse"]),
    ...(textAt(row, "repeat") !== "" && { repeat: textAt(row, "repeat") }),
    panels: [],
    gridPos: { x: 0, y, w: COLUMNS, h: 1 },
  };
}

/** Converts a height in pixels, which is a number or a text such as `250px`, to grid units. */
function gridHeight(height: unknown): number {
  const pixels = typeof height === "string" ? Number.parseInt(height, 10) : numberOf(height);
  const known = pixels === undefined || Number.isNaN(pixels) || pixels === 0 ? DEFAULT_HEIGHT_PX : pixels;
  return Math.ceil(Math.min(Math.max(known, 3 * CELL_PX), MAX_HEIGHT_PX) / STEP_PX);
}

/**
 * The space of an old row, which panels fill from left to right. A panel without room on the current line starts a new
 * line.
 */
class RowArea {
  readonly #height: number;
  /** Height in grid units to which each column is filled, relative to `y`. */
  readonly #filled = Array.from({ length: COLUMNS }, () => 0);
  y: number;

  constructor(height: number, y: number) {
    this.#height = height;
    this.y = y;
  }

  /** Gives a panel a position on the grid and removes its span. */
  place(panel: MutableJson): void {
    const span = numberOf(panel["span"]) || DEFAULT_SPAN;
    const w = Math.min(Math.max(Math.floor(span * COLUMNS_PER_SPAN), 1), COLUMNS);
    const h = panel["height"] ? gridHeight(panel["height"]) : this.#height;
    const minSpan = numberOf(panel["minSpan"]);
    if (minSpan !== undefined && minSpan > 0) panel["minSpan"] = Math.min(COLUMNS, COLUMNS_PER_SPAN * minSpan);
    const { x, y } = this.#find(w) ?? this.#wrap();
    panel["gridPos"] = { x, y: this.y + y, w, h };
    this.#filled.fill(y + h, x, x + w);
    delete panel["span"];
  }

  /**
   * Finds the position for a panel of width `w`. Searches columns from the right edge to the left, and stops at a full
   * column or at a column that is filled higher than its right neighbour. The panel starts at the leftmost column that
   * the search reached. Returns undefined if the panel does not fit.
   */
  #find(w: number): { x: number; y: number } | undefined {
    let end = -1;
    let start = -1;
    for (let i = COLUMNS - 1; i >= 0 && this.#filled[i]! < this.#height; i--) {
      if (end === -1) end = i;
      else if (this.#filled[i]! > this.#filled[i + 1]!) break;
      start = i;
    }
    if (end === -1 || end - start < w - 1) return undefined;
    return { x: start, y: this.#filled.slice(start).reduce((a, b) => Math.max(a, b), -Infinity) };
  }

  #wrap(): { x: number; y: number } {
    this.y += this.#height;
    this.#filled.fill(0);
    return { x: 0, y: 0 };
  }
}
