import { objectAt } from "../../model/json.ts";
import { panelsOf } from "../../model/json-panels.ts";
import type { Migration } from "../migration.ts";

/** Replaces the several ways to hide a legend by `showLegend`. */
export const toV37: Migration = {
  to: 37,
  migrate(dashboard, { findings }) {
    for (const { panel, path } of panelsOf(dashboard)) {
      const legend = objectAt(objectAt(panel, "options") ?? {}, "legend");
      if (legend === undefined) continue;
      const isHidden = legend["displayMode"] === "hidden" || legend["showLegend"] === false;
      if (legend["displayMode"] === "hidden")
        findings.change(`${path}.options.legend`, "The hidden legend is now stored as showLegend: false.");
      legend["showLegend"] = !isHidden;
      if (isHidden) legend["displayMode"] = "list";
    }
  },
};
