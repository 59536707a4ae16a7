/**
 * Default limit of metrics in one push. A larger --push.max-series-per-group raises it. A metric of two bytes becomes
 * several hundred bytes of objects, so one push of 64 MiB, which may be 64 KiB compressed, could exhaust the memory.
 */
export const MAX_METRICS = 1_000_000;

/** Maximum number of labels of one metric, because a metric is read, checked and compared in one step. */
const MAX_LABELS = 1000;
/** Maximum number of buckets, quantiles, spans and other parts of one metric. */
const MAX_PARTS = 20_000;
/** Maximum number of characters, in a whole push, of the keys by which lines are assigned to a histogram or summary. */
const MAX_KEYS = 64 * 1024 * 1024;

/** A body exceeds the limit of metrics, or of parts of one metric. */
export class PushTooLarge extends Error {
  override readonly name = "PushTooLarge";
}

/** Counts the content of a body against the limits. Each method throws PushTooLarge. */
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

  /** @param count number of buckets and other parts that one metric has so far */
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
