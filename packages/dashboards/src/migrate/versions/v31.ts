import { isObject, listAt } from "../../model/json.ts";
import { panelsOf } from "../../model/json-panels.ts";
import type { Migration } from "../migration.ts";

/** Inserts a merge after each labels-to-fields transformation, which merged frames itself in older versions. */
export const toV31: Migration = {
  to: 31,
  migrate(dashboard, { findings }) {
    for (const { panel, path } of panelsOf(dashboard)) {
      const transformations = listAt(panel, "transformations");
      const isLabels = (each: unknown): boolean => isObject(each) && each["id"] === "labelsToFields";
      if (!transformations.some(isLabels)) continue;
      panel["transformations"] = transformations.flatMap((each) =>
        isLabels(each) ? [each, { id: "merge", options: {} }] : [each],
      );
      findings.change(`${path}.transformations`, "A merge was added after the transformation from labels to fields.");
    }
  },
};
