import { listAt, type MutableJson, objectAt, ownValue } from "../../model/json.ts";
import { panelsOf } from "../../model/json-panels.ts";
import { madeAt, type Migration } from "../migration.ts";

/**
 * Replaces `services` by time and variables, the panel kind `graphite` by the graph, and a graph's formats by a list.
 */
export const toV2: Migration = {
  to: 2,
  migrate(dashboard, { findings }) {
    const filter = objectAt(objectAt(dashboard, "services") ?? {}, "filter");
    if (filter !== undefined) {
      if (objectAt(filter, "time") !== undefined) dashboard["time"] = filter["time"];
      madeAt(dashboard, "templating")["list"] = listAt(filter, "list");
      findings.change("templating", 'Time range and variables were moved out of the old setting "services".');
    }
    for (const { panel, path } of panelsOf(dashboard)) {
      if (panel["type"] === "graphite") {
        panel["type"] = "graph";
        findings.change(`${path}.type`, "The old panel type graphite was replaced by graph.");
      }
      if (panel["type"] === "graph") renameSettings(panel);
    }
  },
};

function renameSettings(panel: MutableJson): void {
  if (typeof panel["legend"] === "boolean") panel["legend"] = { show: panel["legend"] };
  const grid = objectAt(panel, "grid");
  for (const [old, now] of [
    ["min", "leftMin"],
    ["max", "leftMax"],
  ] as const) {
    if (grid === undefined || !ownValue(grid, old)) continue;
    grid[now] = grid[old];
    delete grid[old];
  }
  ["y_format", "y2_format"].forEach((key, i) => {
    const format = ownValue(panel, key);
    if (!format) return;
    const formats = [...listAt(panel, "y_formats")];
    formats[i] = format;
    panel["y_formats"] = formats;
    delete panel[key];
  });
}
