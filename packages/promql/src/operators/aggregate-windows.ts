import type { SampleAggregates } from "@narthex/storage";
import type { OutputSeries, WindowFrame } from "./operator.ts";

/**
 * Returns the time in ms before the start of the first window from which downsampled rows must be read. The start of a
 * window may move back by almost one resolution, and by another resolution if the end of the window is in the same row.
 */
export const reachOf = (resolutionMs: number): number => 2 * resolutionMs;

/**
 * Windows over downsampled rows: the window of evaluation time i has the rows from[i] … to[i]-1. A row cannot be
 * divided, so an edge of a window within the period of a row moves back to the end of an earlier period.
 */
export class AggregateWindows {
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** Start of the period that the window of each evaluation time covers: start < t ≤ end, ms. */
  readonly start: Float64Array;
  readonly end: Float64Array;
  /** Total number of rows in all windows. A row in several windows counts several times. */
  looked = 0;
  readonly #frame: WindowFrame;

  constructor(frame: WindowFrame, before: number, resolutionMs: number) {
    const { count } = frame.grid;
    this.#frame = frame;
    this.from = new Int32Array(count);
    this.to = new Int32Array(count);
    this.start = new Float64Array(count);
    this.end = new Float64Array(count);
    const aligned = (time: number): number =>
      time < before && resolutionMs > 0 ? Math.floor(time / resolutionMs) * resolutionMs : time;
    for (let step = 0; step < count; step++) {
      const end = frame.firstEnd + step * frame.stride;
      this.end[step] = aligned(end);
      this.start[step] = aligned(end - frame.rangeMs);
      if (this.start[step] === this.end[step]) this.start[step]! -= resolutionMs;
    }
  }

  lay({ time, rows }: SampleAggregates): void {
    const { from, to, start, end } = this;
    let [low, high] = [0, 0];
    this.looked = 0;
    for (let step = 0; step < from.length; step++) {
      while (high < rows && time[high]! <= end[step]!) high++;
      while (low < high && time[low]! <= start[step]!) low++;
      from[step] = low;
      to[step] = high;
      this.looked += high - low;
    }
  }

  /** Length of the windows in ms, as written in the query. */
  get rangeMs(): number {
    return this.#frame.rangeMs;
  }
}

/** The windows of a range selector, for each resolution of downsampled data. */
export class WindowsByResolution {
  readonly #frame: WindowFrame;
  readonly #windows = new Map<number, AggregateWindows>();

  constructor(frame: WindowFrame) {
    this.#frame = frame;
  }

  /**
   * Returns the windows over some downsampled rows, valid until the next call. Samples before the time `before` are
   * downsampled.
   */
  over(rows: SampleAggregates, before: number): AggregateWindows {
    let windows = this.#windows.get(rows.resolutionMs);
    if (windows === undefined) {
      windows = new AggregateWindows(this.#frame, before, rows.resolutionMs);
      this.#windows.set(rows.resolutionMs, windows);
    }
    windows.lay(rows);
    return windows;
  }
}

export interface WindowedAggregates {
  readonly rows: SampleAggregates;
  readonly windows: AggregateWindows;
  /** Metric name of the series, for messages. */
  readonly metricName: string;
  readonly series: OutputSeries;
}
