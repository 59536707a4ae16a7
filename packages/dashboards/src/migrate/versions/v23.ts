import { objectAt, ownValue } from "../../model/json.ts";
import { type Migration, variablesOf } from "../migration.ts";

/** Makes a variable's value a list if several values are allowed, otherwise a single value. */
export const toV23: Migration = {
  to: 23,
  migrate(dashboard, { findings }) {
    for (const { variable, path } of variablesOf(dashboard)) {
      const current = objectAt(variable, "current");
      const multi = ownValue(variable, "multi");
      if (current === undefined || multi === undefined || Object.keys(current).length === 0) continue;
      for (const key of ["value", "text"]) {
        const value = ownValue(current, key);
        if (value === undefined || Array.isArray(value) === Boolean(multi)) continue;
        current[key] = Array.isArray(value) ? (value[0] ?? "") : [value];
        if (key === "value")
          findings.change(
            `${path}.current`,
            "The saved value was converted to a list or a single value, as the variable's settings require.",
          );
      }
    }
  },
};
