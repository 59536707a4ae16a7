import { objectAt, objectsAt, ownValue } from "../../model/json.ts";
import { panelsOf } from "../../model/json-panels.ts";
import { cellOptionsOf } from "../cell-options.ts";
import type { Migration } from "../migration.ts";

/** Converts the display mode of a table's cells to an object. */
export const toV38: Migration = {
  to: 38,
  migrate(dashboard, { findings }) {
    for (const { panel, path } of panelsOf(dashboard)) {
      const config = objectAt(panel, "fieldConfig");
      if (panel["type"] !== "table" || config === undefined) continue;
      const custom = objectAt(objectAt(config, "defaults") ?? {}, "custom");
      let count = 0;
      if (custom !== undefined && ownValue(custom, "displayMode") !== undefined) {
        custom["cellOptions"] = cellOptionsOf(custom["displayMode"]);
        delete custom["displayMode"];
        count++;
      }
      for (const property of objectsAt(config, "overrides").flatMap((override) => objectsAt(override, "properties"))) {
        if (property["id"] !== "custom.displayMode") continue;
        property["id"] = "custom.cellOptions";
        property["value"] = cellOptionsOf(property["value"]);
        count++;
      }
      if (count > 0)
        findings.change(`${path}.fieldConfig`, "The display mode of table cells was converted to the current form.");
    }
  },
};
