/**
 * The default limit of metrics in one push. A larger --push.max-series-per-group raises it. A metric of two bytes becomes
 * several hundred bytes of objects, so one push of 64 MiB, which may be 64 KiB packed, could exhaust the memory.
 */
export const MAX_METRICS = 1_000_000;

/** A body has more metrics than are read. */
export class TooManyMetrics extends Error {
  override readonly name = "TooManyMetrics";
  constructor(limit: number) {
    super(`the push has more than ${limit} metrics, the most that is read; push fewer at once`);
  }
}

/** Counts the metrics of a body while it is read. */
export class MetricCount {
  readonly #limit: number;
  #count = 0;

  constructor(limit = MAX_METRICS) {
    this.#limit = limit;
  }

  /** Throws TooManyMetrics. */
  add(): void {
    if (++this.#count > this.#limit) throw new TooManyMetrics(this.#limit);
  }
}
