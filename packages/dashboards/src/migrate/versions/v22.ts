import { objectsAt } from "../../model/json.ts";
import { panelsOf } from "../../model/json-panels.ts";
import type { Migration } from "../migration.ts";

/** Sets the alignment of columns in old tables to automatic, so that it depends on the column's content. */
export const toV22: Migration = {
  to: 22,
  migrate(dashboard) {
    for (const { panel } of panelsOf(dashboard))
      if (panel["type"] === "table") for (const style of objectsAt(panel, "styles")) style["align"] = "auto";
  },
};
