import { objectAt } from "../../model/json.ts";
import type { Migration } from "../migration.ts";

/** The time picker's list of ranges that nobody read is gone. */
export const toV41: Migration = {
  to: 41,
  migrate(dashboard) {
    delete objectAt(dashboard, "timepicker")?.["time_options"];
  },
};
