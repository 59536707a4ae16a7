import type { Findings } from "../model/findings.ts";
import { type MutableJson, numberOf, objectAt, objectsAt, ownValue, textAt } from "../model/json.ts";
import { autoGridItems } from "./auto-grid.ts";
import { panelOfElement } from "./v2-panel.ts";

/** Largest nesting depth of layouts. Ordinary dashboards have at most two levels. */
const MAX_LEVELS = 8;

/**
 * Returns the panels of a dashboard in the v2 form as a classic list: nested rows are flattened, and panels of
 * collapsed rows are within their row.
 */
export function classicPanels(spec: MutableJson, findings: Findings): MutableJson[] {
  const placement = new Placement(objectAt(spec, "elements") ?? {}, findings);
  const layout = objectAt(spec, "layout");
  if (layout !== undefined) placement.layout(layout, "layout", OUTERMOST);
  placement.rest();
  return placement.panels;
}

/** Properties of the layout that contains the current layout. */
interface Enclosing {
  /** Prefix for the titles of rows in the layout. */
  readonly prefix: string;
  /** Whether the containing row is collapsed. Rows inside are then collapsed too. */
  readonly isCollapsed: boolean;
  readonly level: number;
}

const OUTERMOST: Enclosing = { prefix: "", isCollapsed: false, level: 0 };

class Placement {
  readonly panels: MutableJson[] = [];
  readonly #elements: MutableJson;
  readonly #findings: Findings;
  readonly #placed = new Set<string>();
  #y = 0;

  constructor(elements: MutableJson, findings: Findings) {
    this.#elements = elements;
    this.#findings = findings;
  }

  /** Places the panels of a layout below the panels that were already placed. */
  layout(layout: MutableJson, path: string, within: Enclosing): void {
    const spec = objectAt(layout, "spec") ?? {};
    const kind = textAt(layout, "kind");
    if (within.level > MAX_LEVELS) {
      this.#findings.problem(path, "Layouts are nested too deeply here; their panels are placed at the end.");
      return;
    }
    if (kind === "RowsLayout")
      objectsAt(spec, "rows").forEach((row, i) => this.#row(row, `${path}.rows[${i}]`, within));
    else if (kind === "TabsLayout")
      objectsAt(spec, "tabs").forEach((tab, i) => this.#tab(tab, `${path}.tabs[${i}]`, within, i));
    else this.#grid(kind, spec, path);
  }

  /** Places the panels that belong to no layout at the end, so that all panels remain. */
  rest(): void {
    for (const name of Object.keys(this.#elements)) {
      if (this.#placed.has(name)) continue;
      const panel = this.#panel(name);
      if (panel === undefined) continue;
      this.#findings.change(`elements.${name}`, "The element is in no layout; its panel is placed at the end.");
      this.panels.push({ ...panel, gridPos: { x: 0, y: this.#y, w: 24, h: 8 } });
      this.#y += 8;
    }
  }

  #row(row: MutableJson, path: string, within: Enclosing): void {
    const spec = objectAt(row, "spec") ?? {};
    this.#reportCondition(spec, path);
    const isHidden = spec["hideHeader"] === true && within.prefix === "";
    const isCollapsed = spec["collapse"] === true || within.isCollapsed;
    this.#section(spec, path, { ...within, prefix: within.prefix + textAt(spec, "title"), isCollapsed }, isHidden);
  }

  /** Converts a tab to a row. Only the first tab's row is expanded, because only one tab was visible. */
  #tab(tab: MutableJson, path: string, within: Enclosing, index: number): void {
    const spec = objectAt(tab, "spec") ?? {};
    this.#reportCondition(spec, path);
    const title = within.prefix + textAt(spec, "title");
    this.#findings.change(path, `The tab "${title.slice(0, 80)}" became a row.`);
    this.#section(spec, path, { ...within, prefix: title, isCollapsed: index > 0 || within.isCollapsed });
  }

  /** Places the panels of a row. `prefix` is the row's title. */
  #section(spec: MutableJson, path: string, { prefix: title, isCollapsed, level }: Enclosing, isHidden = false): void {
    const inner = objectAt(spec, "layout") ?? {};
    const hasSections = inner["kind"] === "RowsLayout" || inner["kind"] === "TabsLayout";
    // Rows inside this row are placed one after another, because classic rows cannot contain rows. The title of this
    // row becomes a prefix of their titles.
    if (hasSections) {
      this.#findings.change(
        path,
        `Rows within "${title.slice(0, 80)}" became ordinary rows, because rows cannot contain rows.`,
      );
      this.layout(inner, `${path}.layout`, {
        prefix: title === "" ? "" : `${title} / `,
        isCollapsed,
        level: level + 1,
      });
      return;
    }
    const row = { type: "row", title, collapsed: isCollapsed, panels: [], ...repeatOf(spec) };
    const gridPos = { x: 0, y: this.#y, w: 24, h: 1 };
    if (!isHidden) this.#y++;
    const from = this.panels.length;
    this.layout(inner, `${path}.layout`, { prefix: "", isCollapsed: false, level: level + 1 });
    const members = this.panels.splice(from);
    if (!isHidden) this.panels.push({ ...row, gridPos, panels: isCollapsed ? members : [] });
    if (!isCollapsed || isHidden) for (const item of members) this.panels.push(item);
    else this.#y = gridPos.y + 1;
  }

  #grid(kind: string, spec: MutableJson, path: string): void {
    const items = kind === "AutoGridLayout" ? autoGridItems(spec) : objectsAt(spec, "items");
    const top = this.#y;
    let bottom = top;
    items.forEach((item, i) => {
      const itemSpec = objectAt(item, "spec") ?? {};
      if (item["kind"] === "GridLayoutRow") {
        this.#y = bottom;
        this.#oldRow(itemSpec, `${path}.items[${i}]`);
        bottom = this.#y;
        return;
      }
      this.#reportCondition(itemSpec, `${path}.items[${i}]`);
      const name = textAt(objectAt(itemSpec, "element") ?? {}, "name");
      const panel = this.#panel(name);
      if (panel === undefined) {
        this.#findings.problem(
          `${path}.items[${i}]`,
          `The element "${name.slice(0, 80)}" does not exist; its position stays empty.`,
        );
        return;
      }
      const position = positionOf(itemSpec, top);
      this.panels.push({ ...panel, gridPos: position, ...repeatOf(itemSpec) });
      bottom = Math.max(bottom, position.y + position.h);
    });
    this.#y = bottom;
  }

  /** Places a row that is an item of a grid. Only the first v2 version allows such rows. */
  #oldRow(spec: MutableJson, path: string): void {
    const inner = { kind: "GridLayout", spec: { items: objectsAt(spec, "elements") } };
    const isCollapsed = spec["collapsed"] === true;
    this.#section({ ...spec, layout: inner }, path, { prefix: textAt(spec, "title"), isCollapsed, level: 1 });
  }

  #panel(name: string): MutableJson | undefined {
    const element = objectAt(this.#elements, name);
    if (element === undefined) return undefined;
    const panel = panelOfElement(element, name, this.#findings);
    this.#placed.add(name);
    return panel;
  }

  #reportCondition(spec: MutableJson, path: string): void {
    const group = objectAt(objectAt(spec, "conditionalRendering") ?? {}, "spec");
    if (group !== undefined && objectsAt(group, "items").length > 0)
      this.#findings.problem(
        `${path}.conditionalRendering`,
        "Conditions for showing a part of the dashboard are not supported; this part is always shown.",
      );
  }
}

function positionOf(spec: MutableJson, top: number): { x: number; y: number; w: number; h: number } {
  return {
    x: numberOf(ownValue(spec, "x")) ?? 0,
    y: top + (numberOf(ownValue(spec, "y")) ?? 0),
    w: numberOf(ownValue(spec, "width")) ?? 12,
    h: numberOf(ownValue(spec, "height")) ?? 8,
  };
}

function repeatOf(spec: MutableJson): MutableJson {
  const repeat = objectAt(spec, "repeat");
  if (repeat === undefined || textAt(repeat, "value") === "") return {};
  const maxPerRow = numberOf(ownValue(repeat, "maxPerRow"));
  return {
    repeat: textAt(repeat, "value"),
    ...(textAt(repeat, "direction") !== "" && { repeatDirection: textAt(repeat, "direction") }),
    ...(maxPerRow !== undefined && { maxPerRow }),
  };
}
