import { textAt } from "../../model/json.ts";
import { panelsOf } from "../../model/json-panels.ts";
import type { Migration } from "../migration.ts";

/** Removes the first of three thresholds of a single-value panel, because it had no effect. */
export const toV9: Migration = {
  to: 9,
  migrate(dashboard, { findings }) {
    for (const { panel, path } of panelsOf(dashboard)) {
      const thresholds = textAt(panel, "thresholds").split(",");
      if (panel["type"] !== "singlestat" || thresholds.length < 3) continue;
      panel["thresholds"] = thresholds.slice(1).join(",");
      findings.change(`${path}.thresholds`, "The first of three thresholds had no effect and was removed.");
    }
  },
};
