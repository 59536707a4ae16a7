/**
 * The default limit of metrics in one push. A larger --push.max-series-per-group raises it. A metric of two bytes becomes
 * several hundred bytes of objects, so one push of 64 MiB, which may be 64 KiB packed, could exhaust the memory.
 */
export const MAX_METRICS = 1_000_000;

/** The number of labels of one metric: a metric is read, checked and compared in one step. */
export const MAX_LABELS = 10_000;

/** A body has more metrics, or more labels of one metric, than are read. */
export class TooManyMetrics extends Error {
  override readonly name = "TooManyMetrics";
}

/** Counts the metrics of a body, and the labels of each, while it is read. */
export class MetricCount {
  readonly #limit: number;
  #count = 0;

  constructor(limit = MAX_METRICS) {
    this.#limit = limit;
  }

  /** Throws TooManyMetrics. */
  add(): void {
    if (++this.#count <= this.#limit) return;
    throw new TooManyMetrics(
      `the push has more than ${this.#limit} metrics, the most that is read; push fewer at once`,
    );
  }

  /** Throws TooManyMetrics if one metric has so many labels. */
  checkLabels(count: number): void {
    if (count <= MAX_LABELS) return;
    throw new TooManyMetrics(`a metric of the push has more than ${MAX_LABELS} labels, the most that is read`);
  }
}
