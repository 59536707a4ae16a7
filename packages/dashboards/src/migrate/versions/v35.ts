import { listAt, objectAt } from "../../model/json.ts";
import { panelsOf } from "../../model/json-panels.ts";
import type { Migration } from "../migration.ts";

/**
 * Adds an override that keeps the time axis visible if the value axes are hidden, because hidden axes did not include
 * the time axis in older versions.
 */
export const toV35: Migration = {
  to: 35,
  migrate(dashboard, { findings }) {
    for (const { panel, path } of panelsOf(dashboard)) {
      const config = objectAt(panel, "fieldConfig");
      const custom = objectAt(objectAt(config ?? {}, "defaults") ?? {}, "custom");
      if (panel["type"] !== "timeseries" || config === undefined || custom?.["axisPlacement"] !== "hidden") continue;
      const override = {
        matcher: { id: "byType", options: "time" },
        properties: [{ id: "custom.axisPlacement", value: "auto" }],
      };
      config["overrides"] = [...listAt(config, "overrides"), override];
      findings.change(
        `${path}.fieldConfig.overrides`,
        "An override was added so that the time axis stays visible although the value axes are hidden.",
      );
    }
  },
};
