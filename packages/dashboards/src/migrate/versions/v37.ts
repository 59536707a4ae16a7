import { objectAt } from "../../model/json.ts";
import { panelsOf } from "../../model/json-panels.ts";
import type { Migration } from "../migration.ts";

/** Reduces the ways to hide a legend to one. */
export const toV37: Migration = {
  to: 37,
  migrate(dashboard, { findings }) {
    for (const { panel, path } of panelsOf(dashboard)) {
      const legend = objectAt(objectAt(panel, "options") ?? {}, "legend");
      if (legend === undefined) continue;
      const isHidden = legend["displayMode"] === "hidden" || legend["showLegend"] === false;
      if (legend["displayMode"] === "hidden")
        findings.change(`${path}.options.legend`, "The legend is hidden by a setting of its own.");
      legend["showLegend"] = !isHidden;
      if (isHidden) legend["displayMode"] = "list";
    }
  },
};
