import { type Field, type Frame, formatValue, isNumeric, joinFormatted, valueAt } from "@narthex/dashboards";
import type { PanelContext } from "../../contracts/panel-kind.ts";
import { plainText } from "../values/plain-text.ts";
import type { NodeGraphOptions } from "./options.ts";

/** The row of a frame that describes a node or an edge. */
interface Place {
  readonly frame: Frame;
  readonly row: number;
}

/** A section of the circle around a node. */
interface Arc {
  readonly name: string;
  /** Start of the section and its share of the circle, 0 to 1. */
  readonly from: number;
  readonly share: number;
  readonly color: string;
}

/** A name with its text, shown in the details. */
interface Detail {
  readonly name: string;
  readonly text: string;
}

export interface GraphNode {
  readonly id: string;
  readonly title: string;
  readonly subtitle: string;
  readonly mainStat: string;
  readonly secondaryStat: string;
  readonly arcs: readonly Arc[];
  readonly color: string | undefined;
  readonly icon: string;
  /** Radius, CSS pixels. */
  readonly radius: number;
  readonly isHighlighted: boolean;
  readonly details: readonly Detail[];
  /** Absent for a node that only edges name. */
  readonly place: Place | undefined;
}

export interface GraphEdge {
  readonly id: string;
  /** Positions of the nodes. */
  readonly source: number;
  readonly target: number;
  readonly mainStat: string;
  readonly secondaryStat: string;
  readonly thickness: number;
  readonly color: string;
  readonly dashes: string;
  readonly isHighlighted: boolean;
  readonly details: readonly Detail[];
  readonly place: Place;
}

export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** Names and colours of the sections of circles, for the legend. */
  readonly arcs: readonly { readonly name: string; readonly color: string }[];
  /** Numbers of the nodes and edges that are not shown, because the graph is too large. */
  readonly hiddenNodes: number;
  readonly hiddenEdges: number;
}

/** The largest numbers of nodes and edges that the panel shows. */
export const MAX_NODES = 1000;
export const MAX_EDGES = 5000;
/** The largest number of sections of a circle. */
const MAX_ARCS = 20;
const RADIUS = 40;
const MAX_CHARS = 1000;

type Context = Pick<PanelContext, "viewOf" | "cssColor">;

/** The columns of a frame by their names in lower case. */
class Columns {
  readonly frame: Frame;
  readonly #byName: ReadonlyMap<string, Field>;
  readonly #context: Context;

  constructor(frame: Frame, context: Context) {
    this.frame = frame;
    this.#context = context;
    this.#byName = new Map(frame.fields.map((field) => [field.name.toLowerCase(), field]));
  }

  get = (name: string): Field | undefined => this.#byName.get(name.toLowerCase());

  text(name: string, row: number): string {
    const field = this.get(name);
    return field === undefined ? "" : plainText(valueAt(field, row)).slice(0, MAX_CHARS);
  }

  number(name: string, row: number, initial: number, most: number): number {
    const field = this.get(name);
    const value = field === undefined ? Number.NaN : Number(valueAt(field, row) ?? Number.NaN);
    return Number.isFinite(value) && value > 0 ? Math.min(value, most) : initial;
  }

  isTrue(name: string, row: number): boolean {
    const field = this.get(name);
    const value = field === undefined ? false : valueAt(field, row);
    return value === true || value === "true";
  }

  /** Returns a value with the unit of its field, or with another unit if one is given. */
  stat(name: string, row: number, unit: string): string {
    const field = this.get(name);
    return field === undefined ? "" : this.#shown(field, row, unit);
  }

  #shown(field: Field, row: number, unit: string): string {
    const value = valueAt(field, row);
    if (value === null) return "";
    if (!isNumeric(field)) return plainText(value).slice(0, MAX_CHARS);
    if (unit !== "") return joinFormatted(formatValue(unit, value as number, field.config.decimals));
    return this.#context.viewOf(field, this.frame).text(value as number);
  }

  /** Returns the CSS colour of a row: its text, or the colour of its number by the field's settings. */
  color(row: number): string | undefined {
    const field = this.get("color");
    const value = field === undefined ? null : valueAt(field, row);
    if (field === undefined || value === null || value === "") return undefined;
    if (isNumeric(field)) return this.#context.viewOf(field, this.frame).colorOf(value as number);
    return this.#context.cssColor(plainText(value));
  }

  details(row: number): readonly Detail[] {
    return this.frame.fields
      .filter(({ name }) => name.toLowerCase().startsWith("detail__"))
      .map((field) => ({
        name: field.config.displayName ?? field.name.slice("detail__".length),
        text: this.#shown(field, row, ""),
      }))
      .filter(({ text }) => text !== "");
  }
}

const has = (frame: Frame, ...names: readonly string[]): boolean =>
  names.every((name) => frame.fields.some((field) => field.name.toLowerCase() === name));

/** Reads the nodes and edges of frames in Grafana's format of node graphs. */
export function readGraph(frames: readonly Frame[], options: NodeGraphOptions, context: Context): Graph {
  const edgeFrames = frames.filter((frame) => has(frame, "source", "target"));
  const nodeFrames = frames.filter((frame) => has(frame, "id") && !edgeFrames.includes(frame));
  const nodes: GraphNode[] = [];
  const byId = new Map<string, number>();
  const unshown = new Set<string>();
  const add = (id: string, make: () => GraphNode): void => {
    if (id === "" || byId.has(id)) return;
    if (nodes.length >= MAX_NODES) return void unshown.add(id);
    byId.set(id, nodes.length);
    nodes.push(make());
  };
  for (const frame of nodeFrames) {
    const columns = new Columns(frame, context);
    const arcs = arcFields(columns, options, context);
    for (let row = 0; row < frame.length; row++)
      add(columns.text("id", row), () => readNode(columns, row, options, arcs));
  }
  const edges: GraphEdge[] = [];
  let hiddenEdges = 0;
  for (const frame of edgeFrames) {
    const columns = new Columns(frame, context);
    for (let row = 0; row < frame.length; row++) {
      const ends = [columns.text("source", row), columns.text("target", row)] as const;
      for (const id of ends) add(id, () => bareNode(id));
      const [source, target] = [byId.get(ends[0]), byId.get(ends[1])];
      if (source === undefined || target === undefined || edges.length >= MAX_EDGES) hiddenEdges++;
      else edges.push(readEdge(columns, row, options, source, target));
    }
  }
  const legend = new Map(nodes.flatMap(({ arcs }) => arcs.map(({ name, color }) => [name, color] as const)));
  return {
    nodes,
    edges,
    arcs: Array.from(legend, ([name, color]) => ({ name, color })),
    hiddenNodes: unshown.size,
    hiddenEdges,
  };
}

interface ArcField {
  readonly field: Field;
  readonly name: string;
  readonly color: string;
}

function arcFields({ frame, get }: Columns, { arcs }: NodeGraphOptions, context: Context): readonly ArcField[] {
  if (arcs.length > 0)
    return arcs.flatMap(({ field: name, color }) => {
      const field = get(name);
      if (field === undefined) return [];
      return [
        { field, name: nameOf(field), color: color === "" ? colorOf(field, frame, context) : context.cssColor(color) },
      ];
    });
  return frame.fields
    .filter((field) => field.name.toLowerCase().startsWith("arc__") && isNumeric(field))
    .map((field) => ({ field, name: nameOf(field), color: colorOf(field, frame, context) }));
}

const nameOf = ({ name, config }: Field): string => config.displayName ?? name.replace(/^arc__/i, "");

const colorOf = (field: Field, frame: Frame, context: Context): string => {
  const fixed = field.config.color?.fixedColor;
  return fixed === undefined ? context.viewOf(field, frame).color : context.cssColor(fixed);
};

const readNode = (columns: Columns, row: number, options: NodeGraphOptions, arcs: readonly ArcField[]): GraphNode => ({
  id: columns.text("id", row),
  title: columns.text("title", row) || columns.text("id", row),
  subtitle: columns.text("subtitle", row),
  mainStat: columns.stat("mainstat", row, options.nodeMainUnit),
  secondaryStat: columns.stat("secondarystat", row, options.nodeSecondaryUnit),
  arcs: arcsAt(arcs, row),
  color: columns.color(row),
  icon: columns.text("icon", row),
  radius: Math.max(8, columns.number("noderadius", row, RADIUS, 120)),
  isHighlighted: columns.isTrue("highlighted", row),
  details: columns.details(row),
  place: { frame: columns.frame, row },
});

const bareNode = (id: string): GraphNode => ({
  id,
  title: id,
  subtitle: "",
  mainStat: "",
  secondaryStat: "",
  arcs: [],
  color: undefined,
  icon: "",
  radius: RADIUS,
  isHighlighted: false,
  details: [],
  place: undefined,
});

const readEdge = (
  columns: Columns,
  row: number,
  options: NodeGraphOptions,
  source: number,
  target: number,
): GraphEdge => ({
  id: columns.text("id", row) || `${source}-${target}-${row}`,
  source,
  target,
  mainStat: columns.stat("mainstat", row, options.edgeMainUnit),
  secondaryStat: columns.stat("secondarystat", row, options.edgeSecondaryUnit),
  thickness: columns.number("thickness", row, 1, 20),
  color: columns.color(row) ?? "",
  dashes: columns.text("strokeDasharray", row).replaceAll(/[^\d., ]/g, ""),
  isHighlighted: columns.isTrue("highlighted", row),
  details: columns.details(row),
  place: { frame: columns.frame, row },
});

function arcsAt(fields: readonly ArcField[], row: number): readonly Arc[] {
  let from = 0;
  const arcs: Arc[] = [];
  for (const { field, name, color } of fields) {
    const share = Math.min(1 - from, Number(valueAt(field, row) ?? 0));
    if (!(share > 0)) continue;
    arcs.push({ name, color, share, from });
    from += share;
    if (arcs.length === MAX_ARCS) break;
  }
  return arcs;
}
