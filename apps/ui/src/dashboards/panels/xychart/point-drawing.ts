import type uPlot from "uplot";
import { clipToPlot } from "../../../plot/clip-to-plot.ts";
import { withOpacity } from "../../../plot/plot-theme.ts";
import { LOGARITHMIC } from "../../plot/uplot-enums.ts";
import { scaleKey } from "../../plot/value-scale.ts";
import type { PointPlan, PointSeries } from "./point-plan.ts";

const DOTS = [0, 6];
const DASHES = [10, 10];
const NEAR_PX = 8;

/** Positions of drawn points relative to the plot, CSS pixels. NaN for points that are not drawn. */
export interface DrawnPoints {
  readonly lefts: Float64Array;
  readonly tops: Float64Array;
}

/** The series index and the row index of a point. */
export interface PointAt {
  readonly series: number;
  readonly row: number;
}

export const isDrawn = ({ key, options }: PointSeries, hidden: ReadonlySet<string>): boolean =>
  !hidden.has(key) && !options.isHiddenInPlot;

/** Draws lines and then points. Returns the positions of the points. */
export function drawPoints(
  plot: uPlot,
  { series }: PointPlan,
  hidden: ReadonlySet<string>,
): ReadonlyMap<number, DrawnPoints> {
  const { ctx } = plot;
  const drawn = new Map<number, DrawnPoints>();
  clipToPlot(plot);
  series.forEach((one, at) => {
    if (!isDrawn(one, hidden)) return;
    const positions = positionsOf(plot, one);
    drawn.set(at, positions);
    if (one.options.show !== "points") strokeLine(plot, one, positions);
    if (one.options.show !== "lines") paintPoints(plot, one, positions);
  });
  ctx.restore();
  return drawn;
}

function positionsOf(plot: uPlot, { xs, ys, scale }: PointSeries): DrawnPoints {
  const key = scaleKey(scale);
  const [isLogX, isLogY] = [plot.scales["x"]?.distr === LOGARITHMIC, scale.distribution === "log"];
  const lefts = new Float64Array(xs.length).fill(NaN);
  const tops = new Float64Array(xs.length).fill(NaN);
  for (let row = 0; row < xs.length; row++) {
    const [x, y] = [xs[row]!, ys[row]!];
    if (!Number.isFinite(x) || !Number.isFinite(y) || (isLogX && x <= 0) || (isLogY && y <= 0)) continue;
    lefts[row] = plot.valToPos(x, "x");
    tops[row] = plot.valToPos(y, key);
  }
  return { lefts, tops };
}

/** Connects points in the order of their rows. A row without a position leaves a gap in the line. */
function strokeLine({ ctx, bbox }: uPlot, { color, options }: PointSeries, { lefts, tops }: DrawnPoints): void {
  const { lineWidth, lineFill, lineDash } = options;
  if (lineWidth === 0) return;
  const ratio = devicePixelRatio;
  const isDotted = lineFill === "dot";
  ctx.strokeStyle = color;
  ctx.lineWidth = lineWidth * ratio;
  ctx.lineJoin = "round";
  ctx.lineCap = isDotted ? "round" : "butt";
  ctx.setLineDash(lineFill === "solid" ? [] : (lineDash ?? (isDotted ? DOTS : DASHES)).map((length) => length * ratio));
  ctx.beginPath();
  let isJoined = false;
  for (let row = 0; row < lefts.length; row++) {
    const [left, top] = [bbox.left + lefts[row]! * ratio, bbox.top + tops[row]! * ratio];
    const isThere = left === left;
    if (isThere && isJoined) ctx.lineTo(left, top);
    else if (isThere) ctx.moveTo(left, top);
    isJoined = isThere;
  }
  ctx.stroke();
  ctx.setLineDash([]);
}

function paintPoints({ ctx, bbox }: uPlot, series: PointSeries, { lefts, tops }: DrawnPoints): void {
  const { options, sizes, colors } = series;
  const ratio = devicePixelRatio;
  ctx.lineWidth = options.pointStrokeWidth * ratio;
  const paint = (color: string): void => {
    ctx.fillStyle = withOpacity(color, options.fillOpacity / 100);
    ctx.strokeStyle = color;
    ctx.fill();
    if (options.pointStrokeWidth > 0) ctx.stroke();
  };
  for (let row = 0; row < lefts.length; row++) {
    const [left, top] = [bbox.left + lefts[row]! * ratio, bbox.top + tops[row]! * ratio];
    if (left !== left) continue;
    const radius = ((sizes?.[row] ?? options.pointSize) * ratio) / 2;
    // Each point is painted separately, so that overlapping points are darker.
    ctx.beginPath();
    if (options.pointShape === "square") ctx.rect(left - radius, top - radius, 2 * radius, 2 * radius);
    else ctx.arc(left, top, radius, 0, 2 * Math.PI);
    paint(colors?.[row] ?? series.color);
  }
}

/**
 * Returns the point under the pointer or the nearest one close to it. If points overlap, returns the topmost point,
 * which is drawn last.
 */
export function pointAt(
  { series }: PointPlan,
  drawn: ReadonlyMap<number, DrawnPoints>,
  left: number,
  top: number,
): PointAt | undefined {
  let found: PointAt | undefined;
  let least = NEAR_PX;
  for (const [at, { lefts, tops }] of drawn) {
    const { sizes, options } = series[at] ?? {};
    if (options === undefined || options.isHiddenInTooltip) continue;
    for (let row = 0; row < lefts.length; row++) {
      const radius = options.show === "lines" ? 0 : (sizes?.[row] ?? options.pointSize) / 2;
      const distance = Math.max(0, Math.hypot(lefts[row]! - left, tops[row]! - top) - radius);
      if (distance <= least) [found, least] = [{ series: at, row }, distance];
    }
  }
  return found;
}
