import { objectsAt, textAt } from "../../model/json.ts";
import { panelsOf } from "../../model/json-panels.ts";
import { lettersOf } from "../../model/letters.ts";
import type { Migration } from "../migration.ts";

/** Moves the time picker's settings out of `nav`, and gives each query a letter (refId). */
export const toV7: Migration = {
  to: 7,
  migrate(dashboard, { findings }) {
    const [picker] = objectsAt(dashboard, "nav");
    if (picker !== undefined) {
      dashboard["timepicker"] = picker;
      findings.change("timepicker", 'The time picker was moved out of the old setting "nav".');
    }
    for (const { panel } of panelsOf(dashboard)) {
      const targets = objectsAt(panel, "targets");
      const taken = new Set(targets.map((target) => textAt(target, "refId")));
      let next = 0;
      for (const target of targets) {
        if (textAt(target, "refId") !== "") continue;
        while (taken.has(lettersOf(next))) next++;
        target["refId"] = lettersOf(next++);
      }
    }
  },
};
