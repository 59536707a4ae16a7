import type { FloatHistogram } from "@narthex/model";
import { readExemplars, UNSUPPORTED_EXEMPLAR } from "./otlp-exemplars.ts";
import type { PointFields } from "./point-fields.ts";
import type { PointContext } from "./point-reader.ts";

/**
 * Count of a histogram that is a stale marker, as an approximation. Prometheus computes this count by converting the
 * bits of the marker's sum to an integer.
 */
const STALE_COUNT: number = 0x7ff * 2 ** 52;

/** Stores data points as native histograms. */
export class NativeWriter {
  readonly #context: PointContext;

  constructor(context: PointContext) {
    this.#context = context;
  }

  /**
   * Stores the histogram of a data point. The caller must have called `settle()`. Returns the reason if the remaining
   * data points of the metric must be left out.
   */
  write(fields: PointFields, histogram: FloatHistogram): string | undefined {
    const { writer, wire } = this.#context;
    const { timestamp, begun: start, isStale, exemplars } = fields;
    if (!isStale && histogram.count === 0 && histogram.sum !== 0) {
      this.#context.warn("histogram_zero_count_non_zero_sum");
    }
    const index = fields.references(0, 1);
    writer.histogram(index, { timestamp, start, histogram: isStale ? staleMarker(histogram) : histogram });
    if (exemplars.length === 0) return undefined;
    const read = readExemplars(wire, exemplars);
    if (read === undefined) return UNSUPPORTED_EXEMPLAR;
    writer.exemplars(index, read);
    return undefined;
  }
}

const staleMarker = (histogram: FloatHistogram): FloatHistogram => ({
  ...histogram,
  sum: NaN,
  count: STALE_COUNT,
  stale: true,
});
