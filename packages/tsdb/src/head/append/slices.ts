import { STAGED_PER_STEP } from "../out-of-order/out-of-order.ts";
import type { PendingSamples } from "./pending-samples.ts";
import type { BatchStart, PendingHistogram, Transaction } from "./transaction.ts";

/** Samples logged or applied without giving the event loop a turn: a few milliseconds of work. */
const SLICE_SAMPLES = 8192;
/** The same of native histograms, each of which has many values. */
const SLICE_HISTOGRAMS = 512;
/** What a transaction has taken. */
export interface Sliceable {
  readonly batches: readonly BatchStart[];
  readonly samples: Pick<PendingSamples, "count">;
  readonly histograms: readonly PendingHistogram[];
}

/** What is logged or applied without giving the event loop a turn. */
export interface Slice {
  readonly from: number;
  readonly to: number;
  readonly histograms: readonly PendingHistogram[];
}

/** Is a transaction one slice at most? Late samples take longer; how many are late is not known before. */
export function isShort({
  samples,
  histograms,
  hasOutOfOrder,
}: Sliceable & Partial<Pick<Transaction, "hasOutOfOrder">>): boolean {
  if (hasOutOfOrder === true && samples.count + histograms.length > STAGED_PER_STEP) return false;
  return samples.count <= SLICE_SAMPLES && histograms.length <= SLICE_HISTOGRAMS;
}

/** The samples of a transaction in pieces, in an order that keeps every series' samples in theirs. */
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

/** Time of the oldest sample of a transaction; Infinity where it has none. */
export function oldestTime({ samples, histograms }: Pick<Transaction, "samples" | "histograms">): number {
  const { timestamps, count } = samples;
  let oldest = Infinity;
  for (let i = 0; i < count; i++) if (timestamps[i]! < oldest) oldest = timestamps[i]!;
  for (const { timestamp } of histograms) if (timestamp < oldest) oldest = timestamp;
  return oldest;
}
