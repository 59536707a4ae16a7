import { type Frame, timeFieldOf } from "@narthex/dashboards";

interface DataShape {
  readonly hasTime: boolean;
  readonly numbers: number;
  readonly texts: number;
  /** Number of rows of the longest frame. */
  readonly rows: number;
  readonly frames: number;
  readonly types: ReadonlySet<string>;
  /** Names of the fields, in lower case. */
  readonly names: ReadonlySet<string>;
  /** Kinds of display that the sources of the frames prefer. */
  readonly preferred: ReadonlySet<string>;
}

function shapeOf(frames: readonly Frame[]): DataShape {
  const fields = frames.flatMap((frame) => frame.fields);
  return {
    hasTime: frames.some((frame) => timeFieldOf(frame) !== undefined),
    numbers: fields.filter(({ type }) => type === "number").length,
    texts: fields.filter(({ type }) => type === "string" || type === "boolean").length,
    rows: frames.reduce((most, { length }) => Math.max(most, length), 0),
    frames: frames.length,
    types: new Set(frames.flatMap(({ meta }) => meta?.type ?? [])),
    names: new Set(fields.map(({ name }) => name.toLowerCase())),
    preferred: new Set(frames.flatMap(({ meta }) => meta?.preferredVisualisationType ?? [])),
  };
}

type Rule = readonly [kind: string, fits: (shape: DataShape) => boolean];

const LATITUDES = ["latitude", "lat"];
const LONGITUDES = ["longitude", "lon", "lng"];

const hasOne = (names: ReadonlySet<string>, wanted: readonly string[]): boolean =>
  wanted.some((name) => names.has(name));

/**
 * Kinds of panels with the condition under which each suits the data. The best kinds come first. To add a rule, add a
 * line here.
 */
const rules: readonly Rule[] = [
  ["traces", ({ preferred }) => preferred.has("trace")],
  ["nodeGraph", ({ preferred }) => preferred.has("nodeGraph")],
  ["logs", ({ types }) => types.has("log-lines")],
  ["geomap", ({ names }) => names.has("geohash") || (hasOne(names, LATITUDES) && hasOne(names, LONGITUDES))],
  ["heatmap", ({ types }) => types.has("heatmap-cells") || types.has("heatmap-rows")],
  ["timeseries", ({ hasTime, numbers, rows }) => hasTime && numbers > 0 && rows > 1],
  ["state-timeline", ({ hasTime, numbers, texts, rows }) => hasTime && texts > 0 && numbers === 0 && rows > 1],
  ["stat", ({ numbers, rows }) => numbers > 0 && numbers <= 20 && rows > 0],
  ["gauge", ({ numbers, rows }) => numbers > 0 && numbers <= 12 && rows > 0],
  ["bargauge", ({ numbers, rows }) => numbers > 0 && numbers <= 40 && rows > 0],
  ["piechart", ({ numbers, rows, hasTime }) => numbers > 1 && numbers <= 12 && (rows === 1 || !hasTime)],
  ["barchart", ({ numbers, texts, hasTime }) => numbers > 0 && texts > 0 && !hasTime],
  ["table", ({ rows }) => rows > 0],
  ["status-history", ({ hasTime, texts, rows }) => hasTime && texts > 0 && rows > 1 && rows <= 200],
];

const MOST = 6;

/** Returns the kinds that suit the data, best first; empty without data. */
export function suggestedKinds(frames: readonly Frame[]): readonly string[] {
  const shape = shapeOf(frames);
  if (shape.rows === 0) return [];
  return rules
    .filter(([, fits]) => fits(shape))
    .map(([kind]) => kind)
    .slice(0, MOST);
}
