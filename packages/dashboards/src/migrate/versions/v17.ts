import { numberOf, ownValue } from "../../model/json.ts";
import { panelsOf } from "../../model/json-panels.ts";
import type { Migration } from "../migration.ts";

const FACTORS = [24, 12, 8, 6, 4, 3, 2, 1];

/**
 * Replaces the smallest width of a repeated panel (`minSpan`) by the largest number of panels in a line (`maxPerRow`).
 */
export const toV17: Migration = {
  to: 17,
  migrate(dashboard, { findings }) {
    for (const { panel, path } of panelsOf(dashboard)) {
      const minSpan = numberOf(ownValue(panel, "minSpan"));
      if (minSpan !== undefined && minSpan > 0) {
        panel["maxPerRow"] = FACTORS.find((factor) => factor <= 24 / minSpan) ?? 1;
        findings.change(
          `${path}.maxPerRow`,
          "The smallest width of repeated panels was replaced by the number of panels in a row.",
        );
      }
      delete panel["minSpan"];
    }
  },
};
