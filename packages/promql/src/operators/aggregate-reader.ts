import { SampleAggregates } from "@narthex/storage";
import type { Evaluation } from "../evaluation.ts";
import { type WindowedAggregates, WindowsByResolution } from "./aggregate-windows.ts";
import type { OutputSeries, RangeSource, SeriesColumn } from "./operator.ts";
import { metricNameOf } from "./stored-series.ts";
import type { RangeKernel } from "./window.ts";

/** Applies range functions to series that are partly downsampled. */
export class AggregateReader {
  readonly #source: RangeSource;
  readonly #evaluation: Evaluation;
  #rows: SampleAggregates | undefined;
  readonly #windows: WindowsByResolution;

  constructor(source: RangeSource, evaluation: Evaluation) {
    this.#source = source;
    this.#windows = new WindowsByResolution(source.frame);
    this.#evaluation = evaluation;
  }

  /**
   * Computes the function for the next series. Returns false if the function needs the original samples, or if the
   * series is not downsampled.
   */
  next(kernel: RangeKernel, series: OutputSeries | undefined, out: SeriesColumn): boolean {
    const found = kernel.ofAggregates === undefined ? undefined : this.read();
    if (found === undefined) return false;
    out.present.fill(0);
    out.histograms = undefined;
    const { rows, windows } = found;
    if (rows.rows === 0) return true;
    const { budget } = this.#evaluation;
    budget.take(rows.rows);
    budget.totalQueryable += windows.looked;
    kernel.ofAggregates!({ rows, windows, metricName: metricNameOf(series!), series: series! }, out);
    budget.release(rows.rows);
    return true;
  }

  /**
   * Reads the downsampled rows of the next series with its windows, which are valid until the next call. Returns
   * undefined if the series is not downsampled.
   */
  read(): Pick<WindowedAggregates, "rows" | "windows"> | undefined {
    const { downsampled, frame } = this.#source;
    if (downsampled === undefined || frame.mode !== "plain") return undefined;
    const rows = (this.#rows ??= new SampleAggregates());
    if (this.#source.nextAggregates?.(rows) !== true) return undefined;
    this.#evaluation.budget.read += rows.rows;
    return { rows, windows: this.#windows.over(rows, downsampled.before) };
  }
}
