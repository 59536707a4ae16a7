import type { Findings } from "./findings.ts";
import { type MutableJson, ownValue } from "./json.ts";
import { panelsOf } from "./json-panels.ts";

/**
 * Gives each panel a unique id, including panels within rows. If several panels have the same id, the first one keeps
 * it.
 */
export function assignPanelIds(dashboard: MutableJson, findings: Findings): void {
  const taken = new Set<number>();
  const missing: { panel: MutableJson; path: string }[] = [];
  for (const { panel, path } of panelsOf(dashboard)) {
    const id = ownValue(panel, "id");
    if (typeof id === "number" && Number.isSafeInteger(id) && id > 0 && !taken.has(id)) taken.add(id);
    else missing.push({ panel, path });
  }
  let next = 1;
  for (const { panel, path } of missing) {
    while (taken.has(next)) next++;
    const former = ownValue(panel, "id");
    const reason =
      former === undefined || former === null
        ? "had no id"
        : "had an id that is not a number or that another panel has";
    findings.change(path, `The panel ${reason}; its id is now ${next}.`);
    panel["id"] = next;
    taken.add(next);
  }
}
