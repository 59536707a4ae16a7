import { listAt, objectAt } from "../../model/json.ts";
import { panelsOf } from "../../model/json-panels.ts";
import type { Migration } from "../migration.ts";

const VALUE_OPTIONS = ["unit", "stat", "decimals", "prefix", "suffix"];

/** Moves the options of the gauge's first version to `options`, as in all other panels. */
export const toV18: Migration = {
  to: 18,
  migrate(dashboard, { findings }) {
    for (const { panel, path } of panelsOf(dashboard)) {
      const old = objectAt(panel, "options-gauge");
      if (old === undefined) continue;
      const rest = Object.entries(old).filter(([key]) => key !== "options" && !VALUE_OPTIONS.includes(key));
      panel["options"] = {
        ...Object.fromEntries(rest),
        valueOptions: Object.fromEntries(VALUE_OPTIONS.map((key) => [key, old[key]])),
        ...(Array.isArray(old["thresholds"]) && { thresholds: listAt(old, "thresholds").toReversed() }),
      };
      delete panel["options-gauge"];
      findings.change(`${path}.options`, "The options of the gauge were moved to the current place.");
    }
  },
};
