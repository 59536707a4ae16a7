import { listAt, objectsAt } from "../../model/json.ts";
import { panelsOf } from "../../model/json-panels.ts";
import type { Migration } from "../migration.ts";

/** Removes the first of three thresholds of a table's style, because it had no effect. */
export const toV10: Migration = {
  to: 10,
  migrate(dashboard, { findings }) {
    for (const { panel, path } of panelsOf(dashboard)) {
      if (panel["type"] !== "table") continue;
      objectsAt(panel, "styles").forEach((style, i) => {
        const thresholds = listAt(style, "thresholds");
        if (thresholds.length < 3) return;
        style["thresholds"] = thresholds.slice(1);
        findings.change(`${path}.styles[${i}]`, "The first of three thresholds had no effect and was removed.");
      });
    }
  },
};
