import { ownValue } from "../../model/json.ts";
import type { Migration } from "../migration.ts";

/** The refresh interval of a dashboard becomes text; anything else means never. */
export const toV40: Migration = {
  to: 40,
  migrate(dashboard) {
    if (typeof ownValue(dashboard, "refresh") !== "string") dashboard["refresh"] = "";
  },
};
