import { listAt, objectsAt, ownValue } from "../../model/json.ts";
import { type Migration, variablesOf } from "../migration.ts";

/** Annotations leave the pull-downs; variables of the type `filter`, or without a type, become queries. */
export const toV6: Migration = {
  to: 6,
  migrate(dashboard, { findings }) {
    const pulldown = objectsAt(dashboard, "pulldowns").find((each) => each["type"] === "annotations");
    if (pulldown !== undefined) {
      dashboard["annotations"] = { list: listAt(pulldown, "annotations") };
      findings.change("annotations", "Annotations were taken from the old pull-downs.");
    }
    for (const { variable } of variablesOf(dashboard)) {
      if (ownValue(variable, "datasource") === undefined) variable["datasource"] = null;
      if (ownValue(variable, "type") === undefined || variable["type"] === "filter") variable["type"] = "query";
    }
  },
};
