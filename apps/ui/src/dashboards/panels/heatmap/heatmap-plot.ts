import type uPlot from "uplot";
import { clipToPlot } from "../../../plot/clip-to-plot.ts";
import { readableOn } from "../../plot/readable-text.ts";
import type { PlotConfig } from "../../../plot/Plot.tsx";
import { axisFont, shortened, textWidth } from "../../../plot/plot-theme.ts";
import { timeAxis, timePlotBase } from "../../plot/time-axis.ts";
import { timeMarks } from "../time-marks/time-marks.ts";
import { LEFT, RIGHT } from "../../plot/uplot-enums.ts";
import { scaleKey, type ScaleSettings, valueAxis, valueScale } from "../../plot/value-scale.ts";
import type { PanelContext } from "../../contracts/panel-kind.ts";
import { exemplarMarks } from "../../../plot/exemplar-marks.ts";
import { exemplarsOf } from "./exemplar-marks.ts";
import { cellColor, type HeatmapPlan } from "./heatmap-plan.ts";
import { heatTooltip } from "./heatmap-tooltip.ts";
import type { HeatmapOptions } from "./options.ts";

/** The current cells of a heatmap, from which it is drawn. */
export interface HeatmapMoment {
  readonly plan: HeatmapPlan;
  readonly context: PanelContext;
  /** Called with the count of the cell under the pointer, or with null if the pointer is over no cell. */
  readonly onPoint: (count: number | null) => void;
}

/** Key of the vertical scale if the axis has named rows. Each row is 1 high. */
const ROWS = "rows";
const MAX_LABEL_SHARE = 0.35;
/** Maximum number of cells with texts. With more cells, the texts would be too small to read. */
const MAX_TEXTS = 4000;
const MIN_TEXT_PX = 8;
const GREATEST_TEXT_PX = 14;

const settingsOf = ({ cells: { axis } }: HeatmapPlan, options: HeatmapOptions): ScaleSettings => ({
  unit: options.unit,
  placement: options.axisPlacement,
  label: options.axisLabel,
  min: undefined,
  max: undefined,
  softMin: undefined,
  softMax: undefined,
  decimals: options.decimals,
  isCentered: false,
  distribution: axis.kind === "values" ? axis.distribution : "linear",
  logBase: axis.kind === "values" ? axis.base : 2,
  linearThreshold: axis.kind === "values" ? axis.threshold : 1,
  isGridShown: undefined,
  isBorderShown: false,
  width: options.axisWidth,
  isPercent: false,
  color: undefined,
});

/** Returns the key of the cells' vertical scale. */
const heatScale = (plan: HeatmapPlan, options: HeatmapOptions): string =>
  plan.cells.axis.kind === "rows" ? ROWS : scaleKey(settingsOf(plan, options));

/** Returns the range of the vertical axis: from the lowest cell to the highest, unless the options set the ends. */
function heatRange({ cells, rowNames }: HeatmapPlan, { min, max }: HeatmapOptions): [number, number] {
  if (cells.axis.kind === "rows") return [0, Math.max(1, rowNames.length)];
  const isLog = cells.axis.distribution === "log";
  let [low, high] = [Infinity, -Infinity];
  for (let at = 0; at < cells.length; at++) {
    const [bottom, top] = [cells.lows[at]!, cells.highs[at]!];
    if (Number.isFinite(bottom) && bottom < low && !(isLog && bottom <= 0)) low = bottom;
    if (Number.isFinite(top) && top > high) high = top;
  }
  // Cells that start at zero are drawn from one step below the lowest positive bound, because a logarithmic axis does
  // not contain zero.
  const from = min ?? (low === Infinity ? (isLog ? 1 : 0) : isLog && hasZero(cells) ? low / cells.axis.base : low);
  const to = max ?? (high === -Infinity ? from + 1 : high);
  return to > from ? [from, to] : [from, from + 1];
}

function hasZero({ lows, length }: HeatmapPlan["cells"]): boolean {
  for (let at = 0; at < length; at++) if (lows[at]! <= 0) return true;
  return false;
}

/**
 * Returns a key for the plot configuration. A changed key means that the plot must be configured again; new cells do
 * not change the key.
 */
export const heatmapKey = (plan: HeatmapPlan, options: HeatmapOptions): string =>
  JSON.stringify([
    heatScale(plan, options),
    plan.rowNames,
    plan.cells.axis.kind === "rows" && plan.cells.axis.edge,
    options,
  ]);

/**
 * Returns the uPlot configuration of a heatmap. It contains no data; drawing functions and the tooltip get the current
 * data from `now`.
 */
export function heatmapConfig(options: HeatmapOptions, width: number, now: () => HeatmapMoment): PlotConfig {
  const { plan, context } = now();
  const { theme, zone } = context;
  const common = timePlotBase(now);
  const scale = heatScale(plan, options);
  const direction = options.isReversed ? { dir: -1 as const } : {};
  const range = { range: (): [number, number] => heatRange(now().plan, options) };
  const isRows = plan.cells.axis.kind === "rows";
  return {
    ...common,
    padding: [8, 14, 0, 4],
    cursor: { ...common.cursor, points: { show: false } },
    scales: {
      ...common.scales,
      [scale]: isRows
        ? { time: false, ...direction, ...range }
        : { ...valueScale(settingsOf(plan, options)), ...direction, ...range },
    },
    axes: [timeAxis(theme, zone), ...heightAxis(options, width, now)],
    series: [{}, { scale, paths: () => null, points: { show: false } }],
    hooks: { draw: [(plot) => drawCells(plot, scale, now().plan, options, theme.surface)] },
    plugins: [
      ...common.plugins,
      timeMarks(now),
      exemplarMarks(scale, exemplarsOf(options.exemplarColor, now)),
      heatTooltip(scale, options, now),
    ],
  };
}

function heightAxis(options: HeatmapOptions, width: number, now: () => HeatmapMoment): uPlot.Axis[] {
  const { plan, context } = now();
  if (options.axisPlacement === "hidden") return [];
  const side = options.axisPlacement === "right" ? RIGHT : LEFT;
  const { axis } = plan.cells;
  if (axis.kind === "values") {
    const format = (value: number, decimals?: number): string => now().plan.valueText(value, decimals);
    return [valueAxis(settingsOf(plan, options), side, format, context.theme, true)];
  }
  const names = plan.rowNames;
  const room = Math.min(
    width * MAX_LABEL_SHARE,
    names.map((name) => textWidth(name)).reduce((a, b) => Math.max(a, b), 0),
  );
  const shift = axis.edge === "le" ? 1 : axis.edge === "ge" ? 0 : 0.5;
  const { axisLabel: label } = options;
  return [
    {
      scale: ROWS,
      side,
      stroke: context.theme.text,
      font: axisFont,
      size: options.axisWidth ?? Math.ceil(room) + 14,
      gap: 5,
      grid: { show: false },
      ticks: { show: axis.edge !== "unknown", stroke: context.theme.grid, width: 1, size: 4 },
      ...(label === "" ? {} : { label, labelFont: axisFont, labelSize: 18, labelGap: 0 }),
      splits: () => now().plan.rowNames.map((_name, row) => row + shift),
      // If rows are lower than a line of text, only every n-th row, counted from the highest, has a label.
      values: (plot, splits) => {
        const step = Math.max(1, Math.ceil((14 * devicePixelRatio * splits.length) / Math.max(1, plot.bbox.height)));
        const last = splits.length - 1;
        return splits.map((_split, row) =>
          (last - row) % step === 0 ? shortened(now().plan.rowNames[row] ?? "", room) : "",
        );
      },
    },
  ];
}

interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/**
 * Computes the rectangles of cells, in device pixels, one cell at a time. The properties of the object contain the
 * result.
 */
class CellBoxes {
  readonly #plot: uPlot;
  readonly #scale: string;
  readonly #cells: HeatmapPlan["cells"];
  readonly #gap: number;
  readonly #floor: number;
  readonly #left: number;
  readonly #perMs: number;
  readonly #from: number;
  readonly box: Box = { left: 0, top: 0, width: 0, height: 0 };
  #low = NaN;
  #high = NaN;

  constructor(plot: uPlot, scale: string, cells: HeatmapPlan["cells"], gap: number) {
    this.#plot = plot;
    this.#scale = scale;
    this.#cells = cells;
    this.#gap = gap * devicePixelRatio;
    const { min = 0, max = 1 } = plot.scales["x"] ?? {};
    this.#from = min ?? 0;
    this.#left = plot.bbox.left;
    this.#perMs = plot.bbox.width / Math.max(1, (max ?? 1) - this.#from);
    this.#floor = plot.scales[scale]?.min ?? 0;
  }

  /** Computes the rectangle of a cell, and returns whether it is visible. */
  put(at: number): boolean {
    const { starts, ends, lows, highs } = this.#cells;
    const { bbox } = this.#plot;
    const begin = Math.round(this.#left + (starts[at]! - this.#from) * this.#perMs);
    const end = Math.round(this.#left + (ends[at]! - this.#from) * this.#perMs);
    if (end < bbox.left || begin > bbox.left + bbox.width) return false;
    this.#putHeight(lows[at]!, highs[at]!);
    const { box } = this;
    const across = Math.min(this.#gap, Math.max(0, end - begin - 1));
    box.left = begin + Math.floor(across / 2);
    box.width = Math.max(1, end - begin - across);
    return box.height > 0;
  }

  #putHeight(low: number, high: number): void {
    // Skips the computation of the vertical position if the previous cell was in the same row.
    if (low === this.#low && high === this.#high) return;
    [this.#low, this.#high] = [low, high];
    const { bbox } = this.#plot;
    const one = this.#pixelOf(Math.max(low, this.#floor));
    const other = this.#pixelOf(high);
    const top = Math.max(bbox.top, Math.round(Math.min(one, other)));
    const bottom = Math.min(bbox.top + bbox.height, Math.round(Math.max(one, other)));
    const gap = Math.min(this.#gap, Math.max(0, bottom - top - 1));
    this.box.top = top + Math.floor(gap / 2);
    this.box.height = bottom < bbox.top || top > bbox.top + bbox.height ? 0 : Math.max(1, bottom - top - gap);
  }

  #pixelOf(value: number): number {
    const { bbox } = this.#plot;
    if (value === Infinity) return bbox.top;
    const pixel = this.#plot.valToPos(value, this.#scale, true);
    return Number.isFinite(pixel) ? pixel : bbox.top + bbox.height;
  }
}

function drawCells(plot: uPlot, scale: string, plan: HeatmapPlan, options: HeatmapOptions, ground: string): void {
  const { ctx } = plot;
  const { cells, fills, palette } = plan;
  const boxes = new CellBoxes(plot, scale, cells, options.cellGap);
  const { box } = boxes;
  const radius = options.cellRadius * devicePixelRatio;
  clipToPlot(plot);
  for (let color = 1; color <= palette.length; color++) {
    const [from, to] = [fills.offsets[color]!, fills.offsets[color + 1]!];
    if (from === to) continue;
    ctx.fillStyle = palette[color - 1]!;
    if (radius > 0) ctx.beginPath();
    for (let next = from; next < to; next++) {
      if (!boxes.put(fills.order[next]!)) continue;
      if (radius > 0)
        ctx.roundRect(box.left, box.top, box.width, box.height, Math.min(radius, box.width / 2, box.height / 2));
      else ctx.fillRect(box.left, box.top, box.width, box.height);
    }
    if (radius > 0) ctx.fill();
  }
  if (options.showValue !== "never" && fills.order.length <= MAX_TEXTS) drawTexts(ctx, boxes, plan, options, ground);
  ctx.restore();
}

/** Draws the counts in their cells, in the largest font size at which the widest count fits. */
function drawTexts(
  ctx: CanvasRenderingContext2D,
  boxes: CellBoxes,
  plan: HeatmapPlan,
  { showValue }: HeatmapOptions,
  ground: string,
): void {
  const { box } = boxes;
  const ratio = devicePixelRatio;
  let size = GREATEST_TEXT_PX;
  const shown: { at: number; text: string; x: number; y: number }[] = [];
  for (const at of plan.fills.order) {
    if (!boxes.put(at)) continue;
    const text = plan.countText(plan.cells.counts[at]!);
    const perPixel = textWidth(text) / 12;
    size = Math.min(size, (box.width / ratio - 4) / perPixel, box.height / ratio - 2);
    shown.push({ at, text, x: box.left + box.width / 2, y: box.top + box.height / 2 });
  }
  if (size < MIN_TEXT_PX) {
    if (showValue === "auto") return;
    size = MIN_TEXT_PX;
  }
  ctx.font = axisFont.replace("12px", `${size * ratio}px`);
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  for (const { at, text, x, y } of shown) {
    ctx.fillStyle = readableOn(cellColor(plan, at) ?? ground, ground);
    ctx.fillText(text, x, y);
  }
}
