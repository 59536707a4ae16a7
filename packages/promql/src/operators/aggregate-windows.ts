import type { SampleAggregates } from "@narthex/storage";
import type { OutputSeries, WindowFrame } from "./operator.ts";

/**
 * Returns how far before the start of its first window a range must read rows, ms. The start moves back by almost one
 * resolution, and by one more if the end is in the same window.
 */
export const reachOf = (resolutionMs: number): number => 2 * resolutionMs;

/**
 * Windows over rows of aggregates: the window of step i contains rows from[i] … to[i]-1. In downsampled time a bound
 * moves back to the end of a row's window, since a row cannot be divided.
 */
export class AggregateWindows {
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** Times that the window of each step covers: start < t ≤ end, ms. */
  readonly start: Float64Array;
  readonly end: Float64Array;
  /** Number of rows in all windows. A row is counted once for each window that contains it. */
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

  /** Length of the windows in the query, ms. */
  get rangeMs(): number {
    return this.#frame.rangeMs;
  }
}

/** The windows of a range for the series of one selection, which may have several resolutions. */
export class WindowsByResolution {
  readonly #frame: WindowFrame;
  readonly #windows = new Map<number, AggregateWindows>();

  constructor(frame: WindowFrame) {
    this.#frame = frame;
  }

  /**
   * Returns the windows over these rows, which are valid until the next call. Samples before the time `before` are
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

/** A series of aggregates with the windows of all steps. */
export interface WindowedAggregates {
  readonly rows: SampleAggregates;
  readonly windows: AggregateWindows;
  /** Metric name of the series, for messages. */
  readonly metricName: string;
  readonly series: OutputSeries;
}
