import type uPlot from "uplot";
import { clipToPlot } from "../../../plot/clip-to-plot.ts";
import { axisFont, textWidth, withOpacity } from "../../../plot/plot-theme.ts";
import { readableOn } from "../../plot/readable-text.ts";
import type { BarSeries } from "./bar-plan.ts";
import { type BarLayout, type BarMoment, barScale, GROUPS } from "./bar-layout.ts";

const MIN_TEXT_PX = 8;
const GREATEST_TEXT_PX = 16;
const TEXT_GAP_PX = 3;
/** Maximum number of bars with texts. With more, the texts would be too small to read. */
const MAX_TEXTS = 4000;
const SCHEME_STOPS = 32;

/** Rectangle of a bar on the canvas, device pixels. */
export interface BarBox {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Returns the rectangle of a bar; undefined if the series has no bar in the row. */
export function barBox(
  plot: uPlot,
  { plan, geometry }: BarMoment,
  { options, isHorizontal }: BarLayout,
  at: number,
  row: number,
): BarBox | undefined {
  const slot = geometry.slots.get(at);
  const [start, end] = [geometry.starts[at]![row]!, geometry.ends[at]![row]!];
  if (slot === undefined || end !== end) return undefined;
  const series = plan.series[at]!;
  const scale = barScale(series, options.stacking);
  const { min = 0 } = plot.scales[scale] ?? {};
  const value = (of: number): number =>
    plot.valToPos(Math.max(of, series.options.scaleType === "log" ? (min ?? 0) : of), scale, true);
  const [one, other] = [value(start), value(end)];
  const from = Math.round(plot.valToPos(row + slot.from, GROUPS, true));
  const to = Math.max(from + 1, Math.round(plot.valToPos(row + slot.to, GROUPS, true)));
  const near = Math.round(Math.min(one, other));
  const reach = Math.max(start === end ? 0 : 1, Math.round(Math.abs(other - one)));
  return isHorizontal
    ? { left: near, top: from, width: reach, height: to - from }
    : { left: from, top: near, width: to - from, height: reach };
}

/**
 * Returns the gradient with which the bars of a series are filled. Returns undefined if the options set no gradient.
 */
function gradientOf(plot: uPlot, series: BarSeries, { options, isHorizontal }: BarLayout): CanvasGradient | undefined {
  const { gradientMode, fillOpacity } = series.options;
  if (gradientMode === "none") return undefined;
  const { left, top, width, height } = plot.bbox;
  const opacity = fillOpacity / 100;
  const gradient = isHorizontal
    ? plot.ctx.createLinearGradient(left, 0, left + width, 0)
    : plot.ctx.createLinearGradient(0, top + height, 0, top);
  if (gradientMode === "scheme") {
    const { min = 0, max = 1 } = plot.scales[barScale(series, options.stacking)] ?? {};
    for (let stop = 0; stop <= SCHEME_STOPS; stop++) {
      const share = stop / SCHEME_STOPS;
      const color = series.view.colorOf((min ?? 0) + ((max ?? 1) - (min ?? 0)) * share);
      gradient.addColorStop(share, withOpacity(color, opacity));
    }
    return gradient;
  }
  gradient.addColorStop(0, withOpacity(series.view.color, gradientMode === "hue" ? opacity * 0.4 : 0));
  gradient.addColorStop(1, withOpacity(series.view.color, opacity));
  return gradient;
}

/** Draws the bars, and their values if there is room. */
export function drawBars(plot: uPlot, moment: BarMoment, layout: BarLayout): void {
  const { ctx } = plot;
  const { plan, geometry } = moment;
  const { options } = layout;
  clipToPlot(plot);
  plan.series.forEach((series, at) => {
    if (!geometry.slots.has(at)) return;
    const { lineWidth, fillOpacity } = series.options;
    const gradient = gradientOf(plot, series, layout);
    ctx.lineWidth = lineWidth * devicePixelRatio;
    for (let row = 0; row < plan.labels.length; row++) {
      const box = barBox(plot, moment, layout, at, row);
      if (box === undefined) continue;
      const color = plan.colorOf(series, row);
      const half = ctx.lineWidth / 2;
      const radius = options.barRadius * Math.min(box.width, box.height);
      ctx.beginPath();
      ctx.roundRect(
        box.left + half,
        box.top + half,
        Math.max(0, box.width - ctx.lineWidth),
        Math.max(0, box.height - ctx.lineWidth),
        radius,
      );
      ctx.fillStyle = gradient ?? withOpacity(color, fillOpacity / 100);
      ctx.fill();
      if (lineWidth > 0) {
        ctx.strokeStyle = color;
        ctx.stroke();
      }
    }
  });
  ctx.restore();
  if (options.showValue !== "never") drawTexts(plot, moment, layout);
}

interface Text {
  readonly text: string;
  readonly box: BarBox;
  readonly series: BarSeries;
  readonly row: number;
  readonly isBelow: boolean;
}

/** Draws the values of bars in one font size: at the ends of the bars, or inside them if they are stacked. */
function drawTexts(plot: uPlot, moment: BarMoment, layout: BarLayout): void {
  const { plan, geometry } = moment;
  if (geometry.slots.size * plan.labels.length > MAX_TEXTS) return;
  const { options, isHorizontal } = layout;
  const texts: Text[] = [];
  for (const at of geometry.slots.keys()) {
    const series = plan.series[at]!;
    for (let row = 0; row < plan.labels.length; row++) {
      const box = barBox(plot, moment, layout, at, row);
      if (box !== undefined)
        texts.push({ text: series.view.text(series.values[row]!), box, series, row, isBelow: series.values[row]! < 0 });
    }
  }
  const size = textSize(plot, texts, layout);
  if (size === undefined) return;
  const { ctx } = plot;
  const isInside = options.stacking !== "none";
  ctx.save();
  ctx.font = axisFont.replace("12px", `${size * devicePixelRatio}px`);
  const gap = TEXT_GAP_PX * devicePixelRatio;
  for (const { text, box, series, row, isBelow } of texts) {
    const [middleX, middleY] = [box.left + box.width / 2, box.top + box.height / 2];
    const { surface, text: plain } = moment.context.theme;
    ctx.fillStyle = isInside
      ? readableOn(withOpacity(plan.colorOf(series, row), series.options.fillOpacity / 100), surface)
      : plain;
    if (isInside || !isHorizontal) ctx.textAlign = "center";
    else ctx.textAlign = isBelow ? "right" : "left";
    if (isInside || isHorizontal) ctx.textBaseline = "middle";
    else ctx.textBaseline = isBelow ? "top" : "bottom";
    const end = isBelow ? box.left - gap : box.left + box.width + gap;
    const { bbox } = plot;
    // Moves a text that would extend beyond the edge of the plot to the edge.
    const room = bbox.left + bbox.width - ctx.measureText(text).width;
    const x = isInside || !isHorizontal ? middleX : isBelow ? end : Math.min(end, room);
    const above = Math.max(box.top - gap, bbox.top + size * devicePixelRatio);
    const y = isInside || isHorizontal ? middleY : isBelow ? box.top + box.height + gap : above;
    ctx.fillText(text, x, y);
  }
  ctx.restore();
}

/**
 * Returns the font size at which every text fits its bar. Returns undefined if this size is too small to read, unless
 * the options set a size or always show values.
 */
function textSize(plot: uPlot, texts: readonly Text[], { options, isHorizontal }: BarLayout): number | undefined {
  if (options.valueSize !== undefined) return options.valueSize;
  let size = GREATEST_TEXT_PX;
  const isInside = options.stacking !== "none";
  for (const { text, box } of texts) {
    const perPixel = Math.max(1, textWidth(text)) / 12;
    const [width, height] = [box.width / devicePixelRatio, box.height / devicePixelRatio];
    if (isHorizontal) size = Math.min(size, height * 0.8, isInside ? (width - 4) / perPixel : Infinity);
    else size = Math.min(size, (width - 2) / perPixel, isInside ? height - 2 : Infinity);
  }
  if (size >= MIN_TEXT_PX) return Math.min(size, plot.bbox.height / devicePixelRatio / 8 + MIN_TEXT_PX);
  return options.showValue === "always" ? MIN_TEXT_PX : undefined;
}
