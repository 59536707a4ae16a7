import { numberOf, ownValue } from "../../model/json.ts";
import { panelsOf } from "../../model/json-panels.ts";
import type { Migration } from "../migration.ts";

const FACTORS = [24, 12, 8, 6, 4, 3, 2, 1];

/** The smallest width of a repeated panel becomes the number of panels side by side. */
export const toV17: Migration = {
  to: 17,
  migrate(dashboard, { findings }) {
    for (const { panel, path } of panelsOf(dashboard)) {
      const minSpan = numberOf(ownValue(panel, "minSpan"));
      if (minSpan !== undefined && minSpan > 0) {
        panel["maxPerRow"] = FACTORS.find((factor) => factor <= 24 / minSpan) ?? 1;
        findings.change(`${path}.maxPerRow`, "The least width became the number of panels side by side.");
      }
      delete panel["minSpan"];
    }
  },
};
