import { listAt, type MutableJson, objectAt, ownValue } from "../../model/json.ts";
import { panelsOf } from "../../model/json-panels.ts";
import { type Migration, variablesOf } from "../migration.ts";

/** Converts the `refresh` and `hide` settings of variables to numbers, and a graph's `grid` to axes. */
export const toV12: Migration = {
  to: 12,
  migrate(dashboard, { findings }) {
    for (const { variable } of variablesOf(dashboard)) {
      variable["refresh"] = ownValue(variable, "refresh") ? 1 : 0;
      if (ownValue(variable, "hideVariable")) variable["hide"] = 2;
      else if (ownValue(variable, "hideLabel")) variable["hide"] = 1;
    }
    for (const { panel, path } of panelsOf(dashboard)) {
      const grid = objectAt(panel, "grid");
      if (panel["type"] !== "graph" || grid === undefined || ownValue(panel, "yaxes")) continue;
      moveAxes(panel, grid);
      findings.change(`${path}.yaxes`, "The settings of the grid were moved to the axes.");
    }
  },
};

function moveAxes(panel: MutableJson, grid: MutableJson): void {
  const formats = listAt(panel, "y_formats");
  panel["yaxes"] = (["left", "right"] as const).map((side, i) => ({
    show: panel["y-axis"] ?? true,
    min: grid[`${side}Min`] ?? null,
    max: grid[`${side}Max`] ?? null,
    logBase: grid[`${side}LogBase`] ?? 1,
    format: formats[i] ?? "short",
    label: panel[`${side}YAxisLabel`] ?? null,
  }));
  panel["xaxis"] = { show: panel["x-axis"] ?? true };
  for (const side of ["left", "right"]) {
    for (const key of ["Min", "Max", "LogBase"]) delete grid[side + key];
    delete panel[`${side}YAxisLabel`];
  }
  for (const key of ["y_formats", "y-axis", "x-axis"]) delete panel[key];
}
