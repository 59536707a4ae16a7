import { isObject, listAt, ownValue } from "../../model/json.ts";
import { panelsOf } from "../../model/json-panels.ts";
import type { Migration } from "../migration.ts";

/** Replaces a graph's `aliasYAxis` by settings of individual series. */
export const toV4: Migration = {
  to: 4,
  migrate(dashboard, { findings }) {
    for (const { panel, path } of panelsOf(dashboard)) {
      const axes = ownValue(panel, "aliasYAxis");
      if (panel["type"] !== "graph" || !isObject(axes)) continue;
      const overrides = Object.entries(axes).map(([alias, yaxis]) => ({ alias, yaxis }));
      panel["seriesOverrides"] = [...listAt(panel, "seriesOverrides"), ...overrides];
      delete panel["aliasYAxis"];
      findings.change(`${path}.seriesOverrides`, "The axes of aliases were converted to overrides of series.");
    }
  },
};
