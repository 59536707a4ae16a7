import type { Dashboard, Panel } from "../model/dashboard.ts";
import { flatPanels } from "../model/flat-panels.ts";
import type { JsonObject } from "../model/field-config.ts";
import { isObject, isSameJson, joinPath } from "../model/json.ts";

/** One difference between two dashboards. */
export interface Difference {
  /** The panel that contains the difference. Absent if the difference is in the dashboard's own settings. */
  readonly panel?: { readonly id: number; readonly title: string };
  readonly kind: "added" | "removed" | "changed";
  /**
   * Path of the setting within the panel or the dashboard; empty for the whole panel. An entry of a list is identified
   * by its name if it has a name: `targets[A].expr`.
   */
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/**
 * Keys of a dashboard that are not compared. `id`, `version` and `iteration` change with each save; panels are compared
 * separately, one by one.
 */
const LEFT_OUT = new Set(["id", "version", "iteration", "panels"]);

const without = (json: JsonObject, keys: ReadonlySet<string>): JsonObject =>
  Object.fromEntries(Object.entries(json).filter(([key]) => !keys.has(key)));

/**
 * Returns the key by which entries of the lists can be matched. Every entry must have this key, with a different value
 * in each entry of a list. Returns undefined if no key is suitable.
 */
function nameKey(...lists: readonly (readonly unknown[])[]): "refId" | "name" | undefined {
  return (["refId", "name"] as const).find((key) =>
    lists.every((list) => {
      const names = new Set(list.flatMap((one) => (isObject(one) && typeof one[key] === "string" ? [one[key]] : [])));
      return names.size === list.length;
    }),
  );
}

type Tell = (kind: Difference["kind"], path: string, before: unknown, after: unknown) => void;

function compareLists(before: readonly unknown[], after: readonly unknown[], path: string, report: Tell): void {
  const key = nameKey(before, after);
  if (key === undefined) {
    for (let i = 0; i < Math.max(before.length, after.length); i++)
      compare(before[i], after[i], `${path}[${i}]`, report);
    return;
  }
  const named = (list: readonly unknown[]): Map<string, unknown> =>
    new Map(list.map((one) => [(one as Record<string, string>)[key]!, one]));
  const [old, current] = [named(before), named(after)];
  for (const name of new Set([...old.keys(), ...current.keys()]))
    compare(old.get(name), current.get(name), `${path}[${name}]`, report);
  const kept = (list: ReadonlyMap<string, unknown>, other: ReadonlyMap<string, unknown>): string[] =>
    [...list.keys()].filter((name) => other.has(name));
  const [order, orderNow] = [kept(old, current), kept(current, old)];
  if (!isSameJson(order, orderNow)) report("changed", `${path} (order)`, order, orderNow);
}

function compare(before: unknown, after: unknown, path: string, report: Tell): void {
  if (isSameJson(before, after)) return;
  if (before === undefined) report("added", path, before, after);
  else if (after === undefined) report("removed", path, before, after);
  else if (Array.isArray(before) && Array.isArray(after)) compareLists(before, after, path, report);
  else if (isObject(before) && isObject(after)) {
    for (const key of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()) {
      const own = (object: JsonObject): unknown => (Object.hasOwn(object, key) ? object[key] : undefined);
      compare(own(before), own(after), joinPath(path, key), report);
    }
  } else report("changed", path, before, after);
}

/**
 * Pairs the panels of two dashboards: first by id, kind and title, then by kind and title, then by id and kind, then by
 * id.
 */
function pairs(before: readonly Panel[], after: readonly Panel[]): Map<Panel, Panel> {
  const found = new Map<Panel, Panel>();
  const open = new Set(before);
  const match = (keyOf: (panel: Panel) => string): void => {
    const byKey = new Map([...open].toReversed().map((panel) => [keyOf(panel), panel]));
    for (const panel of after) {
      const other = byKey.get(keyOf(panel));
      if (found.has(panel) || other === undefined || !open.has(other)) continue;
      found.set(panel, other);
      open.delete(other);
    }
  };
  match(({ id, type, title }) => JSON.stringify([id, type, title]));
  match(({ type, title }) => JSON.stringify([type, title]));
  match(({ id, type }) => JSON.stringify([id, type]));
  match(({ id }) => String(id));
  return found;
}

const OF_PANEL = new Set(["id", "panels"]);

/**
 * Returns the differences between two dashboards: first the differences of the dashboard's own settings, then the
 * differences of the panels, in the order of the second dashboard.
 */
export function compareDashboards(before: Dashboard, after: Dashboard): Difference[] {
  const differences: Difference[] = [];
  const reporterOf =
    (panel?: Panel): Tell =>
    (kind, path, old, current) => {
      differences.push({
        ...(panel === undefined ? {} : { panel: { id: panel.id, title: panel.title } }),
        kind,
        path,
        ...(old === undefined ? {} : { before: old }),
        ...(current === undefined ? {} : { after: current }),
      });
    };
  compare(without(before.source, LEFT_OUT), without(after.source, LEFT_OUT), "", reporterOf());
  const [old, current] = [flatPanels(before.panels), flatPanels(after.panels)];
  const known = pairs(old, current);
  for (const panel of current) {
    const other = known.get(panel);
    if (other === undefined) reporterOf(panel)("added", "", undefined, without(panel.source, OF_PANEL));
    else compare(without(other.source, OF_PANEL), without(panel.source, OF_PANEL), "", reporterOf(panel));
  }
  const kept = new Set(known.values());
  for (const panel of old)
    if (!kept.has(panel)) reporterOf(panel)("removed", "", without(panel.source, OF_PANEL), undefined);
  return differences;
}

const MAX_TEXT = 2000;

function valueText(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}

/**
 * Formats a difference as lines of text: the place, the value before and the value after. For a whole panel, only the
 * place.
 */
export function describeDifference({ panel, kind, path, before, after }: Difference): string {
  const place = panel === undefined ? "dashboard" : `panel ${panel.id}${panel.title === "" ? "" : ` "${panel.title}"`}`;
  if (path === "" && panel !== undefined && kind !== "changed") return `${place}: ${kind}\n`;
  const lines = [`${place}: ${path}`];
  if (before !== undefined) lines.push(`  - ${valueText(before)}`);
  if (after !== undefined) lines.push(`  + ${valueText(after)}`);
  return `${lines.join("\n")}\n`;
}
