import { listAt } from "../../model/json.ts";
import { type Migration, variablesOf } from "../migration.ts";

/** Makes query variables refresh at least when the dashboard is opened, and removes their saved options. */
export const toV29: Migration = {
  to: 29,
  migrate(dashboard, { findings }) {
    for (const { variable, path } of variablesOf(dashboard)) {
      if (variable["type"] !== "query") continue;
      if (variable["refresh"] !== 1 && variable["refresh"] !== 2) {
        variable["refresh"] = 1;
        findings.change(`${path}.refresh`, "The variable is refreshed when the dashboard is opened.");
      }
      if (listAt(variable, "options").length > 0) variable["options"] = [];
    }
  },
};
