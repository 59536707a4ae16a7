import type { JsonObject, VariableType } from "@narthex/dashboards";

export const editableKinds = [
  "query",
  "custom",
  "textbox",
  "constant",
  "datasource",
  "interval",
  "adhoc",
  "switch",
] as const satisfies readonly VariableType[];
export type EditableKind = (typeof editableKinds)[number];

export const kindNames: Readonly<Record<EditableKind, string>> = {
  query: "Query",
  custom: "Custom",
  textbox: "Text box",
  constant: "Constant",
  datasource: "Data source",
  interval: "Interval",
  adhoc: "Ad hoc filters",
  switch: "Switch",
};

/** Initial properties of a new variable, by variable type. */
const BEGINNINGS: Readonly<Record<EditableKind, JsonObject>> = {
  query: { query: "", refresh: 1, current: {}, options: [] },
  custom: { query: "", current: {}, options: [] },
  textbox: { query: "", current: {}, options: [] },
  constant: { query: "" },
  datasource: { query: "prometheus", current: {}, options: [], refresh: 1 },
  interval: { query: "1m,10m,30m,1h,6h,12h,1d,7d,14d,30d", auto: false, current: {}, options: [], refresh: 2 },
  adhoc: { filters: [] },
  switch: {
    current: { value: "false", text: "false" },
    options: [
      { value: "true", text: "true" },
      { value: "false", text: "false" },
    ],
  },
};

/** Properties that all types of variables have. A change of the type keeps these properties. */
const SHARED: ReadonlySet<string> = new Set(["name", "label", "description", "hide", "skipUrlSync", "type", "id"]);

/**
 * Returns the edits that change a variable's type. Properties of the old type are removed, and properties of the new
 * type get their initial values.
 */
export function changedKind(
  item: JsonObject,
  kind: EditableKind,
): ReadonlyArray<readonly [keys: readonly string[], value: unknown]> {
  const removed = Object.keys(item).filter((key) => !SHARED.has(key));
  return [
    [["type"], kind],
    ...removed.map((key) => [[key], undefined] as const),
    ...Object.entries(BEGINNINGS[kind]).map(([key, value]) => [[key], value] as const),
  ];
}
