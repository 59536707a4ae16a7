import { isPlottable } from "../axes/value-axis.ts";
import type { PictureSeries } from "./picture.ts";

/** Places of times and values in the picture, pixels. */
export interface PlotScale {
  readonly x: (time: number) => number;
  readonly y: (value: number) => number;
  /** First and last visible time. */
  readonly from: number;
  readonly to: number;
  /** Larger distances between points are gaps, ms. */
  readonly gapMs: number;
}

/** Number of points after which the work may be interrupted. */
const POINTS_PER_STEP = 20_000;

/**
 * Returns the line of a series as x and y in turn, with NaN at gaps. A column of pixels gets at most four points: its
 * first, lowest, highest and last. So no peak is lost, and the length of the line does not depend on the number of
 * points.
 */
export function* seriesPath(series: PictureSeries, scale: PlotScale): Generator<undefined, Float64Array, undefined> {
  const path = new ColumnPath();
  const { times, values } = series;
  const count = Math.min(times.length, values.length);
  let last = NaN;
  for (let i = 0; i < count; i++) {
    if (i % POINTS_PER_STEP === POINTS_PER_STEP - 1) yield;
    const time = times[i]!;
    const value = values[i]!;
    if (time < scale.from || time > scale.to) continue;
    if (!isPlottable(value) || time - last > scale.gapMs) path.interrupt();
    if (!isPlottable(value)) continue;
    last = time;
    path.add(scale.x(time), scale.y(value));
  }
  return path.finish();
}

class ColumnPath {
  readonly #points: number[] = [];
  #column = NaN;
  #count = 0;
  /** First, lowest, highest and last point of the column, each x and y. */
  #first: Point = NOWHERE;
  #lowest: Point = NOWHERE;
  #highest: Point = NOWHERE;
  #last: Point = NOWHERE;

  add(x: number, y: number): void {
    const point = { x, y };
    if (Math.floor(x) !== this.#column) {
      this.#flush();
      this.#column = Math.floor(x);
      this.#first = this.#lowest = this.#highest = point;
    }
    this.#count++;
    if (y < this.#lowest.y) this.#lowest = point;
    if (y > this.#highest.y) this.#highest = point;
    this.#last = point;
  }

  interrupt(): void {
    this.#flush();
    if (this.#points.length > 0 && !Number.isNaN(this.#points.at(-1))) this.#points.push(NaN, NaN);
  }

  finish(): Float64Array {
    this.#flush();
    return Float64Array.from(this.#points);
  }

  #flush(): void {
    if (this.#count === 0) return;
    const [one, other] =
      this.#lowest.x < this.#highest.x ? [this.#lowest, this.#highest] : [this.#highest, this.#lowest];
    let previous: Point | undefined;
    for (const point of [this.#first, one, other, this.#last]) {
      if (point !== previous) this.#points.push(point.x, point.y);
      previous = point;
    }
    this.#count = 0;
    this.#column = NaN;
  }
}

interface Point {
  readonly x: number;
  readonly y: number;
}

const NOWHERE: Point = { x: NaN, y: NaN };

/** Returns the polygons between a line and a baseline, one for each part of the line. */
export function areasBelow(path: Float64Array, baseline: number): Float64Array[] {
  const areas: Float64Array[] = [];
  let start = 0;
  for (let end = 0; end <= path.length; end += 2) {
    if (end < path.length && !Number.isNaN(path[end])) continue;
    if (end - start > 2) {
      const area = new Float64Array(end - start + 4);
      area.set(path.subarray(start, end));
      area.set([path[end - 2]!, baseline, path[start]!, baseline], end - start);
      areas.push(area);
    }
    start = end + 2;
  }
  return areas;
}
