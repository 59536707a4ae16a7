import type uPlot from "uplot";
import { clipToPlot } from "../../../plot/clip-to-plot.ts";
import { axisFont, shortened, textWidth, withOpacity } from "../../../plot/plot-theme.ts";
import type { PlotConfig } from "../../../plot/Plot.tsx";
import { readableOn } from "../../plot/readable-text.ts";
import { timeAxis, timePlotBase } from "../../plot/time-axis.ts";
import { timeMarks } from "../time-marks/time-marks.ts";
import { LEFT } from "../../plot/uplot-enums.ts";
import type { PanelContext } from "../../contracts/panel-kind.ts";
import type { TimelineOptions } from "./options.ts";
import type { StatePlan, StateRow } from "./state-rows.ts";
import { stateTooltip } from "./timeline-tooltip.ts";

/** The current rows of a timeline, from which it is drawn. */
export interface TimelineMoment {
  readonly plan: StatePlan;
  readonly context: PanelContext;
  /** Keys of hidden states. */
  readonly hidden: ReadonlySet<string>;
}

export interface TimelineSettings extends TimelineOptions {
  readonly alignValue: "left" | "center" | "right";
  /** Width of a box relative to the length of its time span, 0 to 1. */
  readonly boxShare: number;
}

const MAX_LABEL_SHARE = 0.35;
const TEXT_PX = 12;
const PAD_PX = 5;

/** Returns the index of the first time span that ends after a time. */
function firstEndingAfter({ ends }: StateRow, time: number): number {
  let [low, high] = [0, ends.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ends[middle]! <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}

interface Band {
  readonly top: number;
  readonly height: number;
}

function drawRow(plot: uPlot, row: StateRow, band: Band, moment: TimelineMoment, settings: TimelineSettings): void {
  const { ctx, bbox } = plot;
  const { plan, context, hidden } = moment;
  const { lineWidth, fillOpacity } = row.options;
  const opacity = fillOpacity / 100;
  const { min = 0, max = 0 } = plot.scales["x"] ?? {};
  const right = bbox.left + bbox.width;
  let drawnTo = -1;
  for (let at = firstEndingAfter(row, min ?? 0); at < row.starts.length && row.starts[at]! < (max ?? 0); at++) {
    const state = plan.states[row.states[at]!]!;
    if (hidden.has(state.key)) continue;
    const begin = Math.round(plot.valToPos(row.starts[at]!, "x", true));
    const end = Math.round(plot.valToPos(row.ends[at]!, "x", true));
    // Half of the gap between two neighbouring boxes, rounded so that each box is at least one pixel wide.
    const inset = ((end - begin) * (1 - settings.boxShare)) / 2;
    const from = Math.max(bbox.left, begin + Math.floor(inset));
    const to = Math.min(right, Math.max(end - Math.ceil(inset), begin + Math.floor(inset) + 1));
    // Draws only the first of several time spans that start in the same pixel.
    if (to <= from || to <= drawnTo) continue;
    drawnTo = to;
    ctx.fillStyle = withOpacity(state.color, opacity);
    ctx.fillRect(from, band.top, to - from, band.height);
    if (lineWidth > 0) {
      ctx.lineWidth = lineWidth * devicePixelRatio;
      ctx.strokeStyle = state.color;
      const half = ctx.lineWidth / 2;
      ctx.strokeRect(from + half, band.top + half, Math.max(0, to - from - ctx.lineWidth), band.height - ctx.lineWidth);
    }
    drawText(ctx, state.text, from, to, band, settings, () =>
      readableOn(withOpacity(state.color, opacity), context.theme.surface),
    );
  }
}

function drawText(
  ctx: CanvasRenderingContext2D,
  text: string,
  from: number,
  to: number,
  band: Band,
  { showValue, alignValue }: TimelineSettings,
  colorOf: () => string,
): void {
  const ratio = devicePixelRatio;
  if (showValue === "never" || text === "" || band.height < TEXT_PX * ratio) return;
  const room = (to - from) / ratio - 2 * PAD_PX;
  const isFitting = room >= 6 && textWidth(text) <= room;
  if (!isFitting && (showValue === "auto" || room < 10)) return;
  ctx.fillStyle = colorOf();
  ctx.textAlign = alignValue;
  ctx.textBaseline = "middle";
  const pad = PAD_PX * ratio;
  const x = alignValue === "left" ? from + pad : alignValue === "right" ? to - pad : (from + to) / 2;
  ctx.fillText(isFitting ? text : shortened(text, room), x, band.top + band.height / 2);
}

function drawStates(plot: uPlot, moment: TimelineMoment, settings: TimelineSettings): void {
  const { ctx, bbox } = plot;
  const { rows } = moment.plan;
  const share = bbox.height / Math.max(1, rows.length);
  clipToPlot(plot);
  ctx.font = axisFont.replace("12px", `${TEXT_PX * devicePixelRatio}px`);
  rows.forEach((row, index) => {
    const height = Math.max(1, Math.round(share * settings.rowHeight));
    drawRow(plot, row, { top: Math.round(bbox.top + share * index + (share - height) / 2), height }, moment, settings);
  });
  ctx.restore();
}

function nameAxis(now: () => TimelineMoment, width: number): uPlot.Axis {
  const { theme } = now().context;
  const names = now().plan.rows.map(({ name }) => name);
  const room = Math.min(
    width * MAX_LABEL_SHARE,
    names.map((name) => textWidth(name)).reduce((a, b) => Math.max(a, b), 0),
  );
  return {
    scale: "y",
    side: LEFT,
    stroke: theme.text,
    font: axisFont,
    size: Math.ceil(room) + 12,
    gap: 6,
    grid: { show: false },
    ticks: { show: false },
    splits: () => now().plan.rows.map((_row, index) => index + 0.5),
    // If rows are lower than a line of text, only every n-th row has a label.
    values: (plot, splits) => {
      const step = Math.max(1, Math.ceil((14 * devicePixelRatio * splits.length) / Math.max(1, plot.bbox.height)));
      return splits.map((_split, index) =>
        index % step === 0 ? shortened(now().plan.rows[index]?.name ?? "", room) : "",
      );
    },
  };
}

/**
 * Returns a key for the plot configuration. A changed key means that the plot must be configured again; new time spans
 * do not change the key.
 */
export const timelineKey = ({ rows }: StatePlan): string =>
  JSON.stringify(rows.map(({ name, options }) => [name, options]));

export function timelineConfig(settings: TimelineSettings, width: number, now: () => TimelineMoment): PlotConfig {
  const { theme, zone } = now().context;
  const common = timePlotBase(now);
  return {
    ...common,
    padding: [4, 14, 0, 4],
    cursor: { ...common.cursor, y: false, points: { show: false } },
    scales: {
      ...common.scales,
      y: { time: false, dir: -1, range: () => [0, Math.max(1, now().plan.rows.length)] },
    },
    axes: [timeAxis(theme, zone), nameAxis(now, width)],
    series: [{}, { scale: "y", paths: () => null, points: { show: false } }],
    hooks: { draw: [(plot) => drawStates(plot, now(), settings)] },
    plugins: [
      ...common.plugins,
      timeMarks(now),
      ...(settings.tooltipMode === "none" ? [] : [stateTooltip(settings, now)]),
    ],
  };
}
