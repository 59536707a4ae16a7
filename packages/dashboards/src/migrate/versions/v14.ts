import { ownValue } from "../../model/json.ts";
import type { Migration } from "../migration.ts";

/** What panels share under the pointer becomes one of three. */
export const toV14: Migration = {
  to: 14,
  migrate(dashboard) {
    dashboard["graphTooltip"] = ownValue(dashboard, "sharedCrosshair") ? 1 : 0;
    delete dashboard["sharedCrosshair"];
  },
};
