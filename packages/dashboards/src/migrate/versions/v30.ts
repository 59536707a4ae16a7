import { objectAt } from "../../model/json.ts";
import { panelsOf } from "../../model/json-panels.ts";
import type { Migration } from "../migration.ts";
import { migrateMappings } from "../value-mappings.ts";

/**
 * Gives value mappings named kinds. Renames the tooltip option of the time series to the name that other panels use.
 */
export const toV30: Migration = {
  to: 30,
  migrate(dashboard, { findings }) {
    for (const { panel, path } of panelsOf(dashboard)) {
      migrateMappings(panel, path, findings);
      const options = objectAt(panel, "options");
      if (options === undefined || objectAt(options, "tooltipOptions") === undefined) continue;
      if (panel["type"] !== "timeseries" && panel["type"] !== "xychart") continue;
      options["tooltip"] = options["tooltipOptions"];
      delete options["tooltipOptions"];
    }
  },
};
