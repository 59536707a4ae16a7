/**
 * Default limit on the number of metrics in one push. A larger --push.max-series-per-group raises it. In a body, a
 * metric may take two bytes, but in memory several hundred. A push of 64 MiB (64 KiB compressed) could therefore
 * exhaust the memory.
 */
export const MAX_METRICS = 1_000_000;

/** Maximum number of labels of a pushed metric. Other requests have to wait while a metric is read and checked. */
const MAX_LABELS = 1000;
/** Maximum number of buckets, quantiles, spans and other parts of one pushed metric. */
const MAX_PARTS = 20_000;
/** Maximum total length of the texts that identify the histograms and summaries of one push. */
const MAX_KEYS = 64 * 1024 * 1024;

/** Thrown if a body has too many metrics, or a metric has too many parts. */
export class PushTooLarge extends Error {
  override readonly name = "PushTooLarge";
}

/** Counts the metrics and parts of a pushed body. Each method throws PushTooLarge if a limit is exceeded. */
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

  /** @param count number of buckets and other parts that the current metric has so far */
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
