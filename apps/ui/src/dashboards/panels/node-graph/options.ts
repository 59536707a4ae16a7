import { isObject } from "@narthex/dashboards";
import { choice, grouped, number, type OptionsOf, raw, text } from "../../contracts/option-table.ts";

/** A section of the circle around a node: the field of its share, and its colour. */
export interface ArcOption {
  readonly field: string;
  readonly color: string;
}

const arcs = (value: unknown): readonly ArcOption[] | undefined =>
  Array.isArray(value)
    ? value
        .filter(isObject)
        .flatMap(({ field, color }) =>
          typeof field === "string" && field !== "" ? [{ field, color: typeof color === "string" ? color : "" }] : [],
        )
    : undefined;

export const nodeGraphOptions = {
  zoomMode: choice("zoomMode", "Zoom mode", { cooperative: "Cooperative", greedy: "Greedy" }, "cooperative", {
    description: "Cooperative: the wheel zooms only with Ctrl or Cmd. Greedy: the wheel always zooms.",
  }),
  layout: choice(
    "layoutAlgorithm",
    "Layout algorithm",
    { layered: "Layered", force: "Force", grid: "Grid" },
    "layered",
    { description: "Force is drawn in layers too, with the connected nodes near each other." },
  ),
  ...grouped("Nodes", {
    nodeMainUnit: text("nodes.mainStatUnit", "Main stat unit"),
    nodeSecondaryUnit: text("nodes.secondaryStatUnit", "Secondary stat unit"),
    arcs: raw("nodes.arcs", arcs, []),
    gridFrom: number("narthexGridFrom", "Grid above this number of nodes", 200, { min: 1, max: 1000, integer: true }),
  }),
  ...grouped("Edges", {
    edgeMainUnit: text("edges.mainStatUnit", "Main stat unit"),
    edgeSecondaryUnit: text("edges.secondaryStatUnit", "Secondary stat unit"),
  }),
};
export type NodeGraphOptions = OptionsOf<typeof nodeGraphOptions>;
