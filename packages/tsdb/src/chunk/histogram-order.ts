import type { FloatHistogram } from "@narthex/model";
import { hasDecreased, sameBounds, sameSpans, spread, unionSpans } from "./histogram-shape.ts";
import type { ChunkHeader, HistogramShape } from "./histogram-shape.ts";

/** The properties of a series' open chunk that decide whether the next histogram is added to it. */
export interface OpenHistogramChunk {
  readonly shape: HistogramShape;
  readonly header: ChunkHeader;
  readonly integer: boolean;
  readonly last: FloatHistogram;
}

/**
 * Decision about the next histogram. "append" adds it to the open chunk, which is encoded again if the new shape has
 * more buckets. "cut" begins a new chunk.
 */
export type Placement =
  | { readonly kind: "append"; readonly shape: HistogramShape }
  | { readonly kind: "cut"; readonly header: ChunkHeader };

const cut = (header: ChunkHeader): Placement => ({ kind: "cut", header });

/**
 * Decides by Prometheus' rules whether a histogram can be added to the open chunk. Within a chunk of a counter, no
 * count ever decreases. The header of a new chunk records whether a counter reset is known to precede it.
 */
export function placeHistogram(chunk: OpenHistogramChunk, next: FloatHistogram): Placement {
  const isGauge = next.resetHint === "gauge";
  if (isGauge) return placeGauge(chunk, next);
  const { last, shape } = chunk;
  if (chunk.header === "gauge") return cut(chunk.integer ? "not-reset" : "unknown");
  if (next.resetHint === "reset") return cut("reset");
  if (next.stale === true) return { kind: "append", shape };
  if (last.stale === true) return cut("unknown");
  if (next.count < last.count) return cut("reset");
  if (next.schema !== shape.schema || next.zeroThreshold !== shape.zeroThreshold) return cut("unknown");
  if (!sameBounds(next, shape)) return cut("reset");
  if (next.zeroCount < last.zeroCount || bucketsDecreased(last, next)) return cut("reset");
  return { kind: "append", shape: widen(shape, next) };
}

function placeGauge(chunk: OpenHistogramChunk, next: FloatHistogram): Placement {
  const { last, shape } = chunk;
  if (chunk.header !== "gauge") return cut("gauge");
  if (next.stale === true) return { kind: "append", shape };
  const fits =
    last.stale !== true &&
    next.schema === shape.schema &&
    next.zeroThreshold === shape.zeroThreshold &&
    sameBounds(next, shape);
  return fits ? { kind: "append", shape: widen(shape, next) } : cut("gauge");
}

const bucketsDecreased = (last: FloatHistogram, next: FloatHistogram): boolean =>
  hasDecreased(last.positiveBuckets, last.positiveSpans, next.positiveBuckets, next.positiveSpans) ||
  hasDecreased(last.negativeBuckets, last.negativeSpans, next.negativeBuckets, next.negativeSpans);

/**
 * Returns the smallest shape that contains the buckets of both shapes. Returns the object `shape` itself if it already
 * contains all of them.
 */
function widen(shape: HistogramShape, next: HistogramShape): HistogramShape {
  const positiveSpans = unionSpans(shape.positiveSpans, next.positiveSpans);
  const negativeSpans = unionSpans(shape.negativeSpans, next.negativeSpans);
  if (positiveSpans === shape.positiveSpans && negativeSpans === shape.negativeSpans) return shape;
  return { ...shape, positiveSpans, negativeSpans };
}

/** Returns a histogram with the observations of `histogram` and the buckets of a chunk's shape. */
export function layOut(histogram: FloatHistogram, shape: HistogramShape): FloatHistogram {
  const same =
    histogram.stale === true ||
    (sameSpans(histogram.positiveSpans, shape.positiveSpans) &&
      sameSpans(histogram.negativeSpans, shape.negativeSpans));
  if (same) return histogram;
  return {
    ...histogram,
    positiveSpans: shape.positiveSpans,
    positiveBuckets: spread(histogram.positiveBuckets, histogram.positiveSpans, shape.positiveSpans),
    negativeSpans: shape.negativeSpans,
    negativeBuckets: spread(histogram.negativeBuckets, histogram.negativeSpans, shape.negativeSpans),
  };
}
