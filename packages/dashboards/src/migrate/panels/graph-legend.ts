import { type MutableJson, numberOf, objectAt, textAt, withoutAbsent } from "../../model/json.ts";
import { reducerOf } from "./panel-migration.ts";

const VALUES = new Set(["min", "max", "avg", "current", "total"]);

/** Titles of the legend's columns, by the name that the old graph panel used for the calculation. */
const NAMES: Readonly<Record<string, string>> = {
  min: "Min",
  max: "Max",
  avg: "Mean",
  current: "Last *",
  total: "Total",
};

export function graphLegend(panel: Readonly<MutableJson>): MutableJson {
  const legend = objectAt(panel, "legend") ?? {};
  const calcs = Object.keys(legend).filter((key) => VALUES.has(key) && legend[key]);
  const sort = textAt(legend, "sort");
  return withoutAbsent({
    showLegend: legend["show"] !== false,
    displayMode: legend["alignAsTable"] ? "table" : "list",
    placement: legend["rightSide"] ? "right" : "bottom",
    calcs: legend["values"] ? calcs.map(reducerOf) : [],
    width: legend["rightSide"] ? numberOf(legend["sideWidth"]) : undefined,
    sortBy: legend["values"] && VALUES.has(sort) ? NAMES[sort] : undefined,
    sortDesc: legend["values"] && VALUES.has(sort) ? Boolean(legend["sortDesc"]) : undefined,
  });
}

/** Returns the tooltip options for a converted graph. By default, a graph's tooltip showed all series. */
export function graphTooltip(panel: Readonly<MutableJson>): MutableJson {
  const tooltip = objectAt(panel, "tooltip") ?? {};
  const isShared = tooltip["shared"] !== false;
  const sort = numberOf(tooltip["sort"]);
  return { mode: isShared ? "multi" : "single", sort: sort === 1 ? "asc" : sort === 2 ? "desc" : "none" };
}
