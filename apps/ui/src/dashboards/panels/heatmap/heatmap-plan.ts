import {
  type Frame,
  heatPalette,
  heatmapTransformation,
  joinFormatted,
  parseColor,
  runTransformation,
  TransformationError,
  unitFormatter,
} from "@narthex/dashboards";
import type { PanelContext } from "../../contracts/panel-kind.ts";
import { boundOf, type HeatAxis, type HeatCells, heatCells, isExemplars } from "./heat-cells.ts";
import { type HeatFills, heatFills } from "./heat-fills.ts";
import type { PlotProblem } from "../../plot/planned-panel.tsx";
import type { HeatmapOptions } from "./options.ts";

export interface HeatmapPlan {
  readonly cells: HeatCells;
  readonly fills: HeatFills;
  /** CSS colours from the smallest count to the largest. */
  readonly palette: readonly string[];
  /** Formats a count with its unit. */
  readonly countText: (count: number) => string;
  /** Formats a value of the axis with its unit. `decimals` is the number of decimals that the axis shows. */
  readonly valueText: (value: number, decimals?: number) => string;
  /** Labels of the rows; empty if the axis has values instead of rows. */
  readonly rowNames: readonly string[];
  readonly exemplars: readonly Frame[];
}

/** Converts a panel's frames to the data of a heatmap, or returns why nothing can be drawn. */
export function planHeatmap(
  frames: readonly Frame[],
  options: HeatmapOptions,
  context: PanelContext,
): HeatmapPlan | PlotProblem {
  const cells = cellsFor(frames, options, context);
  if ("problem" in cells) return cells;
  const palette = paletteOf(options, context);
  const formatValue = unitFormatter(options.unit === "" ? unitOf(cells.axis) : options.unit);
  const formatCount = unitFormatter(options.cellUnit === "" ? "short" : options.cellUnit);
  const valueText = (value: number, decimals: number | undefined = options.decimals): string =>
    joinFormatted(formatValue(value, decimals, { timeZone: context.zone }));
  return {
    cells,
    palette,
    fills: heatFills(cells.counts, cells.length, {
      min: options.colorMin,
      max: options.colorMax,
      hiddenBelow: options.hiddenBelow,
      hiddenFrom: options.hiddenFrom,
      steps: palette.length,
    }),
    countText: (count) => joinFormatted(formatCount(count, options.cellDecimals, { timeZone: context.zone })),
    valueText,
    rowNames: rowNames(cells.axis, options, valueText),
    exemplars: frames.filter(isExemplars),
  };
}

function cellsFor(
  frames: readonly Frame[],
  options: HeatmapOptions,
  { viewOf, zone, fill }: PanelContext,
): HeatCells | PlotProblem {
  const nameOf = (field: Parameters<typeof viewOf>[0], frame: Frame): string => viewOf(field, frame).name;
  if (!options.calculates) return heatCells(frames, options.edge, nameOf);
  const series = frames.filter((frame) => !isExemplars(frame));
  try {
    const settings = { timeZone: zone, interpolate: fill };
    const counted = runTransformation(heatmapTransformation, series, options.calculation, settings);
    return heatCells(counted, options.edge, nameOf);
  } catch (error) {
    if (!(error instanceof TransformationError)) throw error;
    return { problem: `The values cannot be counted: ${error.message}.` };
  }
}

const unitOf = (axis: HeatAxis): string | undefined => (axis.kind === "values" ? axis.field.config.unit : undefined);

function paletteOf(options: HeatmapOptions, { cssColor, theme }: PanelContext): readonly string[] {
  const { colorMode: mode, scheme, colorScale: scale, exponent, steps, isColorReversed: isReversed } = options;
  const fill = parseColor(cssColor(options.fill)) ?? { r: 128, g: 128, b: 128, a: 1 };
  const parts = { mode, scheme, fill: { ...fill, a: 1 }, scale, exponent, steps, isReversed };
  return heatPalette(parts, theme.scheme);
}

/** Returns the names of the rows. Names that are numbers are formatted with the unit of the axis, if one is set. */
function rowNames(
  axis: HeatAxis,
  { unit, decimals }: HeatmapOptions,
  valueText: (value: number) => string,
): readonly string[] {
  if (axis.kind !== "rows") return [];
  if (unit === "" && decimals === undefined) return axis.names;
  return axis.names.map((name) => (Number.isFinite(boundOf(name)) ? valueText(boundOf(name)) : name));
}

/** Returns the text for the range of values that a cell covers: `0.1 – 0.25`. */
export function rangeText({ cells, rowNames: names, valueText }: HeatmapPlan, at: number): string {
  const { axis, lows, highs } = cells;
  if (axis.kind === "values") return `${valueText(lows[at]!)} – ${valueText(highs[at]!)}`;
  const row = lows[at]!;
  const neighbour = axis.edge === "le" ? names[row - 1] : axis.edge === "ge" ? names[row + 1] : undefined;
  const name = names[row] ?? "";
  if (neighbour === undefined) return axis.edge === "le" ? `≤ ${name}` : axis.edge === "ge" ? `≥ ${name}` : name;
  return axis.edge === "le" ? `${neighbour} – ${name}` : `${name} – ${neighbour}`;
}

/** Returns the colour of a cell; undefined if it is hidden. */
export function cellColor({ fills, palette }: HeatmapPlan, at: number): string | undefined {
  const color = fills.colors[at] ?? 0;
  return color === 0 ? undefined : palette[color - 1];
}

/**
 * Returns the position of a value on the axis: the value itself or, for named rows, the middle of its row. NaN if no
 * row contains the value.
 */
export function axisPosition({ cells: { axis } }: HeatmapPlan, value: number): number {
  if (axis.kind === "values") return value;
  const bounds = axis.names.map(boundOf);
  const row =
    axis.edge === "ge" ? bounds.findLastIndex((bound) => bound <= value) : bounds.findIndex((bound) => value <= bound);
  return row < 0 ? NaN : row + 0.5;
}
