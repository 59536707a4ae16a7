import { ownValue } from "../../model/json.ts";
import { panelsOf } from "../../model/json-panels.ts";
import type { Migration } from "../migration.ts";

/** Marks a table with styles as the old table panel, which the panel migrations convert later. */
export const toV24: Migration = {
  to: 24,
  migrate(dashboard) {
    for (const { panel } of panelsOf(dashboard))
      if (panel["type"] === "table" && ownValue(panel, "styles") && panel["table"] !== "table2")
        panel["type"] = "table-old";
  },
};
