import type { Findings } from "./findings.ts";
import { type MutableJson, ownValue } from "./json.ts";
import { panelsOf } from "./json-panels.ts";

/** Gives each panel, also within rows, a unique id. The first of two panels with the same id keeps it. */
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
      former === undefined || former === null ? "had no id" : "had the id of another or one that is no number";
    findings.change(path, `The panel ${reason}; it has ${next} now.`);
    panel["id"] = next;
    taken.add(next);
  }
}
