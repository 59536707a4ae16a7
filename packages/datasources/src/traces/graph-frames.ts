import type { Field, FieldConfig, Frame } from "@narthex/dashboards";

/** A node of a node graph. Properties have the names of the columns that the panel reads. */
export interface GraphNode {
  readonly id: string;
  readonly title: string;
  readonly subtitle?: string;
  readonly mainstat?: string | number;
  readonly secondarystat?: string | number;
  /** Share of a colour scale, 0 to 1. */
  readonly color?: number;
  readonly arc__success?: number;
  readonly arc__failed?: number;
}

/** An edge of a node graph, from a source to a target. */
export interface GraphEdge {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  readonly mainstat?: number;
  readonly secondarystat?: number;
}

/** The values of a node or an edge, by the names of their columns. */
type Row = Readonly<Record<string, string | number | undefined>>;
type Configs = Readonly<Record<string, FieldConfig>>;

/** Display settings of the columns, if a graph needs others than the usual ones. */
export interface GraphSettings {
  readonly nodes?: Configs;
  readonly edges?: Configs;
}

const NODE_COLUMNS = ["id", "title", "subtitle", "mainstat", "secondarystat", "color", "arc__success", "arc__failed"];
const EDGE_COLUMNS = ["id", "source", "target", "mainstat", "secondarystat"];
const USUAL: Configs = { color: { color: { mode: "continuous-GrYlRd" } } };

/** Returns the two frames of a node graph. A frame has only the columns that some node or edge has. */
export const graphFrames = (
  nodes: readonly GraphNode[],
  edges: readonly GraphEdge[],
  refId: string,
  settings: GraphSettings = {},
): readonly Frame[] => [
  frameOf("Nodes", nodes, NODE_COLUMNS, refId, { ...USUAL, ...settings.nodes }),
  frameOf("Edges", edges, EDGE_COLUMNS, refId, settings.edges ?? {}),
];

function frameOf(
  name: string,
  items: readonly (GraphNode | GraphEdge)[],
  columns: readonly string[],
  refId: string,
  configs: Configs,
): Frame {
  const rows = items.map((item): Row => ({ ...item }));
  const needed = new Set(["id", ...(name === "Nodes" ? ["title"] : ["source", "target"])]);
  const fields = columns
    .filter((key) => needed.has(key) || rows.some((row) => row[key] !== undefined))
    .map((key) => fieldOf(key, rows, Object.hasOwn(configs, key) ? configs[key]! : {}));
  return { refId, name, length: rows.length, fields, meta: { preferredVisualisationType: "nodeGraph" } };
}

function fieldOf(name: string, rows: readonly Row[], config: FieldConfig): Field {
  const isNumber = rows.some((row) => typeof row[name] === "number");
  if (!isNumber) return { name, type: "string", values: rows.map((row) => (row[name] ?? null) as string), config };
  const values = Float64Array.from(rows, (row) => Number(row[name] ?? NaN));
  return { name, type: "number", values, config };
}
