import { objectAt } from "../../model/json.ts";
import { panelsOf } from "../../model/json-panels.ts";
import type { Migration } from "../migration.ts";

/** Converts the experimental text panel to the text panel. */
export const toV26: Migration = {
  to: 26,
  migrate(dashboard, { findings }) {
    for (const { panel, path } of panelsOf(dashboard)) {
      if (panel["type"] !== "text2") continue;
      panel["type"] = "text";
      delete objectAt(panel, "options")?.["angular"];
      findings.change(`${path}.type`, "The panel type text2 was replaced by text.");
    }
  },
};
