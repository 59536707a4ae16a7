import { ownValue } from "../../model/json.ts";
import { panelsOf } from "../../model/json-panels.ts";
import type { Migration } from "../migration.ts";

/** A table with styles is marked as the old table, which the panel migrations convert later. */
export const toV24: Migration = {
  to: 24,
  migrate(dashboard) {
    for (const { panel } of panelsOf(dashboard))
      if (panel["type"] === "table" && ownValue(panel, "styles") && panel["table"] !== "table2")
        panel["type"] = "table-old";
  },
};
