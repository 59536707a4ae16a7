import type uPlot from "uplot";
import { TimeSlice } from "../../time/time-slice.ts";
import { clipToPlot } from "../../plot/clip-to-plot.ts";
import { lineColor } from "@narthex/dashboards/palette";
import { withOpacity } from "../../plot/plot-theme.ts";
import { type PlotData, type PlotLine, StackSums } from "./plot-data.ts";

/**
 * Maximum number of lines that uPlot draws, in one task. More lines are painted by a `LinePainter` in several short
 * tasks.
 */
export const slicedLimit = 200;

/** Lengths of the dashes and gaps of lines of an earlier period, CSS pixels. */
export const earlierDash: readonly number[] = [5, 4];

/** Settings for painting lines. */
export interface LineStyle {
  readonly stacked: boolean;
  readonly scheme: "light" | "dark";
  /** Keys of hidden lines. */
  readonly hidden: ReadonlySet<string>;
}

/** Returns the lowest and the highest painted value; null if the lines have no values. */
export function lineExtent(data: PlotData, { stacked, hidden }: LineStyle): readonly [number, number] | null {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const stacks = new StackSums(data.times.length);
  for (const line of data.lines) {
    const { key, values } = line;
    if (hidden.has(key)) continue;
    const sums = stacks.below(line);
    for (let at = 0; at < values.length; at++) {
      const value = values[at] ?? null;
      if (value === null && !stacked) continue;
      const shown = stacked ? (sums[at] = (sums[at] ?? 0) + (value ?? 0)) : (value ?? 0);
      if (shown < low) low = shown;
      if (shown > high) high = shown;
    }
  }
  return low <= high ? [low, high] : null;
}

/**
 * Returns the indexes of the lines that are nearest to a value at one time, nearest first. Lines without a value there
 * are left out.
 */
export function nearestLines(
  data: PlotData,
  { stacked, hidden }: Pick<LineStyle, "stacked" | "hidden">,
  at: number,
  height: number,
  limit: number,
): readonly number[] {
  const found: { readonly index: number; readonly distance: number }[] = [];
  const stacks = new StackSums(1);
  for (const [index, line] of data.lines.entries()) {
    const value = hidden.has(line.key) ? null : (line.values[at] ?? null);
    if (value === null) continue;
    const sums = stacks.below(line);
    const sum = (sums[0] = (sums[0] ?? 0) + value);
    const distance = Math.abs((stacked ? sum : value) - height);
    const place = found.findLastIndex((one) => one.distance <= distance) + 1;
    if (place < limit) found.splice(place, 0, { index, distance });
    if (found.length > limit) found.pop();
  }
  return found.map(({ index }) => index);
}

/** Paints many lines on a uPlot canvas, a few in each task, so that the page stays responsive. */
export class LinePainter {
  readonly #data: PlotData;
  readonly #style: LineStyle;
  readonly #onPainted: () => void;
  /** Aborts the current painting when a new one starts. */
  #current = new AbortController();

  constructor(data: PlotData, style: LineStyle, onPainted: () => void) {
    this.#data = data;
    this.#style = style;
    this.#onPainted = onPainted;
  }

  /** Paints all lines over the axes. Aborts a painting that is still in progress. */
  paint(plot: uPlot): void {
    this.stop();
    this.#current = new AbortController();
    this.#paint(plot, new TimeSlice(this.#current.signal)).then(this.#onPainted, (error: unknown) => {
      if (!this.#isAbort(error)) throw error;
    });
  }

  stop(): void {
    this.#current.abort();
  }

  #isAbort(error: unknown): boolean {
    return error instanceof DOMException && error.name === "AbortError";
  }

  async #paint(plot: uPlot, slice: TimeSlice): Promise<void> {
    const { lines, times } = this.#data;
    const { hidden } = this.#style;
    const xs = Float64Array.from(times, (time) => plot.valToPos(time, "x", true));
    const stacks = new StackSums(times.length);
    let restore = this.#prepare(plot);
    for (const line of lines) {
      const { key, values, color, note } = line;
      if (slice.isOver) {
        restore();
        await slice.next();
        restore = this.#prepare(plot);
      }
      if (hidden.has(key)) continue;
      const stroke = lineColor(color, this.#style.scheme);
      plot.ctx.strokeStyle = stroke;
      plot.ctx.setLineDash(note === undefined ? [] : earlierDash.map((length) => length * devicePixelRatio));
      plot.ctx.fillStyle = withOpacity(stroke, this.#style.scheme === "light" ? 0.45 : 0.4);
      if (this.#style.stacked) paintArea(plot, xs, line, stacks.below(line));
      else paintLine(plot, xs, values);
    }
    restore();
  }

  /** Prepares the canvas for painting lines. Returns a function that restores the canvas's state. */
  #prepare({ ctx, bbox }: uPlot): () => void {
    clipToPlot({ ctx, bbox });
    ctx.lineWidth = (this.#style.stacked ? 1 : 1.5) * devicePixelRatio;
    ctx.lineJoin = "round";
    // Round caps make a value without neighbours visible as a point, because its line has length zero.
    ctx.lineCap = "round";
    return () => ctx.restore();
  }
}

/**
 * Fills the area between the values in `lower` and the stacked values above them, then adds the new values to `lower`.
 * An earlier line has no area, because it would cover the present ones.
 */
function paintArea(plot: uPlot, xs: Float64Array, { values, note }: PlotLine, lower: Float64Array): void {
  const { ctx } = plot;
  const toY = heightOf(plot);
  const upper = lower.map((height, at) => height + (values[at] ?? 0));
  ctx.beginPath();
  for (let at = 0; at < xs.length; at++) ctx.lineTo(xs[at] ?? 0, toY(upper[at] ?? 0));
  for (let at = xs.length - 1; at >= 0; at--) ctx.lineTo(xs[at] ?? 0, toY(lower[at] ?? 0));
  if (note === undefined) ctx.fill();
  ctx.beginPath();
  for (let at = 0; at < xs.length; at++) ctx.lineTo(xs[at] ?? 0, toY(upper[at] ?? 0));
  ctx.stroke();
  lower.set(upper);
}

function paintLine(plot: uPlot, xs: Float64Array, values: ReadonlyArray<number | null>): void {
  const toY = heightOf(plot);
  const { ctx } = plot;
  ctx.beginPath();
  let isDown = false;
  for (let at = 0; at < xs.length; at++) {
    const value = values[at] ?? null;
    if (value === null) {
      isDown = false;
      continue;
    }
    const [x, y] = [xs[at] ?? 0, toY(value)];
    if (!isDown) ctx.moveTo(x, y);
    ctx.lineTo(x, y);
    isDown = true;
  }
  ctx.stroke();
}

/** Returns a function that maps a value to its position on the canvas. */
function heightOf({ bbox, scales }: uPlot): (value: number) => number {
  const { min = 0, max = 1 } = scales["y"] ?? {};
  const [low, high] = [min ?? 0, max ?? 1];
  return (value) => bbox.top + bbox.height * (1 - (value - low) / (high - low));
}
