import { ownValue } from "../../model/json.ts";
import type { Migration } from "../migration.ts";

/** Makes the refresh interval of a dashboard a text. Any other value means never. */
export const toV40: Migration = {
  to: 40,
  migrate(dashboard) {
    if (typeof ownValue(dashboard, "refresh") !== "string") dashboard["refresh"] = "";
  },
};
