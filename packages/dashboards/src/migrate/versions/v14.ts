import { ownValue } from "../../model/json.ts";
import type { Migration } from "../migration.ts";

/** Converts the setting `sharedCrosshair`, a boolean, to one of three numbers. */
export const toV14: Migration = {
  to: 14,
  migrate(dashboard) {
    dashboard["graphTooltip"] = ownValue(dashboard, "sharedCrosshair") ? 1 : 0;
    delete dashboard["sharedCrosshair"];
  },
};
