import { isObject, listAt, type MutableJson } from "./json.ts";

/** The JSON of a panel, with its path in the dashboard. */
export interface PlacedJson {
  readonly panel: MutableJson;
  readonly path: string;
}

/**
 * Returns all panels of a dashboard in order, each row followed by the panels within it. Includes the panels in the old
 * `rows` of dashboards before schema 16.
 */
export function panelsOf(dashboard: Readonly<MutableJson>): PlacedJson[] {
  const panels = placed(dashboard, "panels", "").flatMap((each) => [
    each,
    ...placed(each.panel, "panels", `${each.path}.`),
  ]);
  const ofRows = placed(dashboard, "rows", "").flatMap((row) => placed(row.panel, "panels", `${row.path}.`));
  return [...panels, ...ofRows];
}

function placed(object: Readonly<MutableJson>, key: string, prefix: string): PlacedJson[] {
  return listAt(object, key).flatMap((panel, i) => (isObject(panel) ? [{ panel, path: `${prefix}${key}[${i}]` }] : []));
}
