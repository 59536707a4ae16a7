import type { FloatHistogram } from "@narthex/model";
import type { TimedHistogram } from "@narthex/exposition";
import { readExemplars, UNSUPPORTED_EXEMPLAR } from "./otlp-exemplars.ts";
import type { PointContext } from "./point-reader.ts";

/** About the bits of a stale marker's sum as a whole number, which Prometheus writes as the count, too. */
const STALE_COUNT: number = 0x7ff * 2 ** 52;

/** Writes points that are native histograms. */
export class NativeWriter {
  readonly #context: PointContext;

  constructor(context: PointContext) {
    this.#context = context;
  }

  /** @returns why the rest of the metric is left out, where it is */
  write(sample: TimedHistogram, isStale: boolean, exemplars: readonly number[]): string | undefined {
    const { references, attributes, writer, family, wire } = this.#context;
    const { histogram } = sample;
    if (!isStale && histogram.count === 0 && histogram.sum !== 0) {
      this.#context.warn("histogram_zero_count_non_zero_sum");
    }
    const point = references.point(family, attributes.bytes, attributes.start, attributes.end, 0, 1);
    const index = references.firstOf(point);
    writer.histogram(index, { ...sample, histogram: isStale ? staleMarker(histogram) : histogram });
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
