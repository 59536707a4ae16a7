import { isObject, listAt } from "../../model/json.ts";
import { panelsOf } from "../../model/json-panels.ts";
import type { Migration } from "../migration.ts";

/** What labels-to-fields once did by itself is a merge after it. */
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
      findings.change(`${path}.transformations`, "A merge follows on labels to fields.");
    }
  },
};
