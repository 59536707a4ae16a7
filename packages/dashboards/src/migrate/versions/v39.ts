import { objectAt, objectsAt } from "../../model/json.ts";
import { panelsOf } from "../../model/json-panels.ts";
import type { Migration } from "../migration.ts";

/** Changes the options of the transformation from time series to table: each query gets an object of settings. */
export const toV39: Migration = {
  to: 39,
  migrate(dashboard, { findings }) {
    for (const { panel, path } of panelsOf(dashboard))
      objectsAt(panel, "transformations").forEach((transformation, i) => {
        const stats = objectAt(objectAt(transformation, "options") ?? {}, "refIdToStat");
        if (transformation["id"] !== "timeSeriesTable" || stats === undefined) return;
        transformation["options"] = Object.fromEntries(Object.entries(stats).map(([refId, stat]) => [refId, { stat }]));
        findings.change(
          `${path}.transformations[${i}]`,
          "The settings of the time series table are now separate for each query.",
        );
      });
  },
};
