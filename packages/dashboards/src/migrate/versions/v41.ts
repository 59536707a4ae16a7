import { objectAt } from "../../model/json.ts";
import type { Migration } from "../migration.ts";

/** Removes the time picker's list of ranges, which had no effect. */
export const toV41: Migration = {
  to: 41,
  migrate(dashboard) {
    delete objectAt(dashboard, "timepicker")?.["time_options"];
  },
};
