import { ownValue } from "../../model/json.ts";
import { type Migration, variablesOf } from "../migration.ts";

const TAGS = ["tags", "tagsQuery", "tagValuesQuery", "useTags"];

/** Removes the tags of variables. The panel migrations later convert single-value panels to stats. */
export const toV28: Migration = {
  to: 28,
  migrate(dashboard, { findings }) {
    for (const { variable, path } of variablesOf(dashboard)) {
      const tags = ownValue(variable, "tags");
      const isUsed = Boolean(ownValue(variable, "useTags")) || (Array.isArray(tags) && tags.length > 0);
      if (isUsed) findings.problem(path, "Variables no longer have tags; all values are offered.");
      for (const key of TAGS) delete variable[key];
    }
  },
};
