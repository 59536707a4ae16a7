import { objectAt, objectsAt } from "../../model/json.ts";
import { panelsOf } from "../../model/json-panels.ts";
import type { Migration } from "../migration.ts";

/** If a series is hidden in the graph, hides it in the tooltip too. */
export const toV42: Migration = {
  to: 42,
  migrate(dashboard, { findings }) {
    for (const { panel, path } of panelsOf(dashboard))
      objectsAt(objectAt(panel, "fieldConfig") ?? {}, "overrides").forEach((override, i) => {
        for (const property of objectsAt(override, "properties")) {
          const value = objectAt(property, "value");
          if (property["id"] !== "custom.hideFrom" || value?.["viz"] !== true || value["tooltip"] === true) continue;
          value["tooltip"] = true;
          findings.change(
            `${path}.fieldConfig.overrides[${i}]`,
            "Series that are hidden in the graph are now also hidden in the tooltip.",
          );
        }
      });
  },
};
