import { objectsAt, ownValue } from "../../model/json.ts";
import { panelsOf } from "../../model/json-panels.ts";
import { sourceRefOf } from "../source-ref.ts";
import type { Migration } from "../migration.ts";

/** Converts data source names of panels and queries to references. The default data source stays without a name. */
export const toV33: Migration = {
  to: 33,
  migrate(dashboard, { findings, sources }) {
    for (const { panel, path } of panelsOf(dashboard)) {
      if (typeof ownValue(panel, "datasource") === "string") {
        panel["datasource"] = sourceRefOf(panel["datasource"], sources);
        findings.change(`${path}.datasource`, "The name of the data source was replaced by a reference.");
      }
      for (const target of objectsAt(panel, "targets")) {
        if (typeof ownValue(target, "datasource") !== "string") continue;
        const ref = sourceRefOf(target["datasource"], sources);
        if (ref === null) delete target["datasource"];
        else target["datasource"] = ref;
      }
    }
  },
};
