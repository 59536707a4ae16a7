import { listAt, type MutableJson, numberOf, objectAt, ownValue } from "../../model/json.ts";
import { panelsOf } from "../../model/json-panels.ts";
import type { Migration } from "../migration.ts";

/** Converts the two thresholds of a graph's `grid` to a list of thresholds. */
export const toV13: Migration = {
  to: 13,
  migrate(dashboard, { findings }) {
    for (const { panel, path } of panelsOf(dashboard)) {
      const grid = objectAt(panel, "grid");
      if (panel["type"] !== "graph" || grid === undefined) continue;
      const thresholds = thresholdsOf(grid);
      panel["thresholds"] = [...listAt(panel, "thresholds"), ...thresholds];
      for (const key of ["threshold1", "threshold1Color", "threshold2", "threshold2Color", "thresholdLine"])
        delete grid[key];
      if (thresholds.length > 0)
        findings.change(`${path}.thresholds`, "The thresholds of the grid were converted to a list.");
    }
  },
};

function thresholdsOf(grid: MutableJson): MutableJson[] {
  const [first, second] = [numberOf(ownValue(grid, "threshold1")), numberOf(ownValue(grid, "threshold2"))];
  if (first === undefined) return [];
  const op = second !== undefined && first > second ? "lt" : "gt";
  return [first, second].flatMap((value, i) => {
    if (value === undefined) return [];
    const color = grid[`threshold${i + 1}Color`];
    const style = grid["thresholdLine"] ? { line: true, lineColor: color } : { fill: true, fillColor: color };
    return [{ value, op, colorMode: "custom", ...style }];
  });
}
