/**
 * The default limit of metrics in one push. A larger --push.max-series-per-group raises it. A metric of two bytes becomes
 * several hundred bytes of objects, so one push of 64 MiB, which may be 64 KiB packed, could exhaust the memory.
 */
export const MAX_METRICS = 1_000_000;

/** The number of labels of one metric at most: a metric is read, checked and compared in one step. */
export const MAX_LABELS = 1000;
/** The number of buckets, quantiles, spans and other parts of one metric at most. */
export const MAX_PARTS = 20_000;
/** Characters of the keys at most by which the lines of one histogram or summary are put together, in all of a push. */
const MAX_KEYS = 64 * 1024 * 1024;

/** A body has more metrics, or more of one metric, than is read. */
export class PushTooLarge extends Error {
  override readonly name = "PushTooLarge";
}

/** Bounds what is read of a body. Each method throws PushTooLarge. */
export class MetricCount {
  readonly #limit: number;
  #count = 0;
  #keys = 0;

  constructor(limit = MAX_METRICS) {
    this.#limit = limit;
  }

  add(): void {
    if (++this.#count <= this.#limit) return;
    throw new PushTooLarge(`the push has more than ${this.#limit} metrics, the most that is read; push fewer at once`);
  }

  checkLabels(count: number): void {
    if (count <= MAX_LABELS) return;
    throw new PushTooLarge(`a metric of the push has more than ${MAX_LABELS} labels, the most that is read`);
  }

  /** @param count of buckets and so on that one metric has so far */
  checkParts(count: number): void {
    if (count <= MAX_PARTS) return;
    throw new PushTooLarge(
      `a metric of the push has more than ${MAX_PARTS} buckets or other parts, the most that is read`,
    );
  }

  addKey({ length }: string): void {
    this.#keys += length;
    if (this.#keys <= MAX_KEYS) return;
    throw new PushTooLarge("the labels of the push's histograms and summaries are too long; push fewer at once");
  }
}
