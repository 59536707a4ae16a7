import { STAGED_PER_STEP } from "../out-of-order/out-of-order.ts";
import type { PendingSamples } from "./pending-samples.ts";
import type { BatchStart, PendingHistogram, Transaction } from "./transaction.ts";

/** Number of float samples that are logged or applied in one turn of the event loop: a few milliseconds of work. */
const SLICE_SAMPLES = 8192;
/**
 * Number of native histograms that are logged or applied in one turn of the event loop. The number is smaller than for
 * floats, because each histogram has many values.
 */
const SLICE_HISTOGRAMS = 512;
/** The part of a transaction that is divided into slices. */
export interface Sliceable {
  readonly batches: readonly BatchStart[];
  readonly samples: Pick<PendingSamples, "count">;
  readonly histograms: readonly PendingHistogram[];
}

/** A slice: the part of a transaction that is logged or applied in one turn of the event loop. */
export interface Slice {
  readonly from: number;
  readonly to: number;
  readonly histograms: readonly PendingHistogram[];
}

/**
 * Returns whether a transaction fits into one slice. The estimate ignores out-of-order samples, which take longer,
 * because their number is not known in advance.
 */
export function isShort({
  samples,
  histograms,
  hasOutOfOrder,
}: Sliceable & Partial<Pick<Transaction, "hasOutOfOrder">>): boolean {
  if (hasOutOfOrder === true && samples.count + histograms.length > STAGED_PER_STEP) return false;
  return samples.count <= SLICE_SAMPLES && histograms.length <= SLICE_HISTOGRAMS;
}

/** Divides the samples of a transaction into slices. The samples of each series stay in order. */
export function* slices({ batches, samples, histograms }: Sliceable): Generator<Slice> {
  for (const [i, batch] of batches.entries()) {
    const end = batches[i + 1] ?? { floats: samples.count, histograms: histograms.length };
    for (let from = batch.floats; from < end.floats; from += SLICE_SAMPLES) {
      yield { from, to: Math.min(from + SLICE_SAMPLES, end.floats), histograms: [] };
    }
    for (let from = batch.histograms; from < end.histograms; from += SLICE_HISTOGRAMS) {
      const to = Math.min(from + SLICE_HISTOGRAMS, end.histograms);
      yield { from: 0, to: 0, histograms: histograms.slice(from, to) };
    }
  }
}

/** Returns the time of the oldest sample of a transaction; Infinity if it has none. */
export function oldestTime({ samples, histograms }: Pick<Transaction, "samples" | "histograms">): number {
  const { timestamps, count } = samples;
  let oldest = Infinity;
  for (let i = 0; i < count; i++) if (timestamps[i]! < oldest) oldest = timestamps[i]!;
  for (const { timestamp } of histograms) if (timestamp < oldest) oldest = timestamp;
  return oldest;
}
