import {
  type Field,
  type Frame,
  isNumeric,
  isObject,
  type JsonObject,
  valueAt,
  valueAtPath,
} from "@narthex/dashboards";
import type { PanelContext } from "../../contracts/panel-kind.ts";
import { plainText } from "../values/plain-text.ts";
import { USUAL_LAYER } from "./layer-options.ts";
import { type FindPlace, locatorOf } from "./locations.ts";
import { type MapPoint, projected } from "./mercator.ts";

export type MarkerSymbol = "circle" | "square" | "triangle" | "star" | "cross" | "x" | "pin";

/** A marker of a row. */
export interface Marker {
  readonly point: MapPoint;
  /** Radius, CSS pixels. */
  readonly radius: number;
  readonly color: string;
  readonly label: string;
  readonly frame: Frame;
  readonly row: number;
}

/** An entry of the legend. */
interface LegendEntry {
  readonly name: string;
  readonly color: string;
}

/** A layer that can be drawn: markers, a heatmap of blurred points, or a line through the points. */
export interface MapLayer {
  readonly kind: "markers" | "heatmap" | "route";
  readonly name: string;
  readonly symbol: MarkerSymbol;
  readonly opacity: number;
  readonly hasTooltip: boolean;
  readonly markers: readonly Marker[];
  readonly legend: readonly LegendEntry[];
}

export interface MapPlan {
  readonly layers: readonly MapLayer[];
  /** Sentences about parts that are not shown. */
  readonly remarks: readonly string[];
}

/** The largest number of points of all layers. */
export const MAX_POINTS = 5000;
/** The largest number of layers. Each layer reads all rows. */
export const MAX_LAYERS = 20;

type Context = Pick<PanelContext, "viewOf" | "cssColor">;

const KINDS = ["markers", "heatmap", "route"] as const;
const SYMBOLS = ["circle", "square", "triangle", "star", "cross", "x", "pin"] as const;

/** Reads the layers of a map, with a point for each row of the frames that has a place. */
export function planLayers(
  given: readonly JsonObject[],
  frames: readonly Frame[],
  context: Context,
  findPlace: FindPlace,
): MapPlan {
  const remarks: string[] = [];
  const layers: MapLayer[] = [];
  let left = MAX_POINTS;
  let hidden = 0;
  for (const layer of given.length === 0 ? [USUAL_LAYER] : given.slice(0, MAX_LAYERS)) {
    const type = plainText(layer["type"]);
    const kind = KINDS.find((one) => one === type);
    if (kind === undefined) {
      remarks.push(`The layer “${plainText(layer["name"]) || type}” of the type “${type}” is not shown.`);
      continue;
    }
    const style = styleOf(layer);
    const markers: Marker[] = [];
    let [missing, legend]: [number, readonly LegendEntry[]] = [0, []];
    for (const frame of frames.filter((one) => isOfLayer(layer, one))) {
      const placeOf = locatorOf(frame, layer["location"], findPlace);
      if (typeof placeOf === "string") {
        remarks.push(placeOf);
        continue;
      }
      const look = markerLook(frame, style, context);
      if (legend.length === 0) legend = legendOf(layer, frame, style, context);
      for (let row = 0; row < frame.length; row++) {
        const place = placeOf(row);
        if (place === undefined) missing++;
        else if (left === 0) hidden++;
        else {
          left--;
          markers.push({ point: projected(place[0], place[1]), frame, row, ...look(row) });
        }
      }
    }
    if (missing > 0) remarks.push(`Rows without a place on the map: ${missing}.`);
    const hasLegend = valueAtPath(layer, ["config", "showLegend"]) !== false;
    layers.push({
      kind,
      name: plainText(layer["name"]),
      symbol: style.symbol,
      opacity: style.opacity,
      hasTooltip: layer["tooltip"] !== false,
      markers,
      legend: hasLegend ? legend : [],
    });
  }
  const more = given.length - MAX_LAYERS;
  if (more > 0) remarks.push(`Layers that are not shown: ${more}. The map shows at most ${MAX_LAYERS} layers.`);
  if (hidden > 0) remarks.push(`${hidden} points are not shown. The map shows at most ${MAX_POINTS} points.`);
  return { layers, remarks: Array.from(new Set(remarks)) };
}

/** Reports whether a layer shows a frame: a layer may select the frames of one query. */
function isOfLayer(layer: JsonObject, { refId }: Frame): boolean {
  const filter = layer["filterData"];
  if (!isObject(filter) || filter["id"] !== "byRefId") return true;
  return filter["options"] === refId;
}

interface MarkerStyle {
  readonly colorField: string;
  readonly color: string;
  readonly sizeField: string;
  readonly size: number;
  readonly minSize: number;
  readonly maxSize: number;
  readonly labelField: string;
  readonly label: string;
  readonly symbol: MarkerSymbol;
  readonly opacity: number;
}

function styleOf(layer: JsonObject): MarkerStyle {
  const at = (...path: readonly string[]): unknown => valueAtPath(layer, ["config", ...path]);
  const number = (initial: number, most: number, ...path: readonly string[]): number => {
    const value = Number(at(...path) ?? Number.NaN);
    return Number.isFinite(value) ? Math.max(0, Math.min(most, value)) : initial;
  };
  const file = plainText(at("style", "symbol", "fixed"));
  const isHeat = layer["type"] === "heatmap";
  const weight = plainText(at("weight", "field"));
  return {
    colorField: plainText(at("style", "color", "field")),
    color: plainText(at("style", "color", "fixed")) || (isHeat ? "red" : "dark-green"),
    sizeField: isHeat ? weight : plainText(at("style", "size", "field")),
    size: isHeat ? number(5, 100, "radius") + number(15, 100, "blur") : number(5, 100, "style", "size", "fixed"),
    minSize: number(2, 100, "style", "size", "min"),
    maxSize: isHeat ? number(5, 100, "radius") + number(15, 100, "blur") : number(15, 100, "style", "size", "max"),
    labelField: plainText(at("style", "text", "field")),
    label: plainText(at("style", "text", "fixed")),
    symbol: SYMBOLS.find((one) => file.endsWith(`/${one}.svg`)) ?? "circle",
    opacity: number(0.4, 1, "style", "opacity"),
  };
}

const fieldOf = ({ fields }: Frame, name: string): Field | undefined =>
  name === "" ? undefined : fields.find((field) => field.name === name || field.config.displayName === name);

/** Returns the function that computes the look of a row's marker. */
function markerLook(frame: Frame, style: MarkerStyle, { viewOf, cssColor }: Context) {
  const [color, size, label] = [style.colorField, style.sizeField, style.labelField].map((name) =>
    fieldOf(frame, name),
  );
  const colorView = color === undefined ? undefined : viewOf(color, frame);
  const range = size !== undefined && isNumeric(size) ? viewOf(size, frame).range : undefined;
  const fixed = cssColor(style.color);
  return (row: number) => ({
    color:
      color === undefined || colorView === undefined
        ? fixed
        : isNumeric(color)
          ? colorView.colorOf(valueAt(color, row) as number | null)
          : colorView.display(valueAt(color, row)).color,
    radius: size === undefined ? style.size : sizeAt(Number(valueAt(size, row) ?? Number.NaN), range, style),
    label: label === undefined ? style.label : plainText(valueAt(label, row)).slice(0, 100),
  });
}

function sizeAt(
  value: number,
  range: { readonly min: number; readonly max: number } | undefined,
  { minSize, maxSize }: MarkerStyle,
): number {
  if (range === undefined || !Number.isFinite(value) || range.max <= range.min) return minSize;
  const share = Math.max(0, Math.min(1, (value - range.min) / (range.max - range.min)));
  return minSize + share * (maxSize - minSize);
}

function legendOf(layer: JsonObject, frame: Frame, style: MarkerStyle, context: Context): readonly LegendEntry[] {
  const color = fieldOf(frame, style.colorField);
  if (color === undefined)
    return [{ name: plainText(layer["name"]) || frame.name || "Markers", color: context.cssColor(style.color) }];
  const steps = color.config.thresholds?.steps ?? [];
  if (!isNumeric(color) || steps.length === 0) return [];
  const view = context.viewOf(color, frame);
  return steps.map(({ value, color: step }) => ({
    name: Number.isFinite(value) ? `${view.text(value)}+` : view.name,
    color: context.cssColor(step),
  }));
}
