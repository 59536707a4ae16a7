import { listAt, objectsAt, ownValue } from "../../model/json.ts";
import { type Migration, variablesOf } from "../migration.ts";

/**
 * Moves annotations from the list `pulldowns` to `annotations`. Variables of the type `filter`, or without a type,
 * become query variables.
 */
export const toV6: Migration = {
  to: 6,
  migrate(dashboard, { findings }) {
    const pulldown = objectsAt(dashboard, "pulldowns").find((each) => each["type"] === "annotations");
    if (pulldown !== undefined) {
      dashboard["annotations"] = { list: listAt(pulldown, "annotations") };
      findings.change("annotations", 'Annotations were moved out of the old setting "pulldowns".');
    }
    for (const { variable } of variablesOf(dashboard)) {
      if (ownValue(variable, "datasource") === undefined) variable["datasource"] = null;
      if (ownValue(variable, "type") === undefined || variable["type"] === "filter") variable["type"] = "query";
    }
  },
};
