import { isStaleAt } from "@narthex/model";
import { countOf, SampleColumns, type SeriesSet } from "@narthex/storage";
import type { Selection } from "../selection.ts";
import { reachOf } from "./aggregate-windows.ts";
import type { RangeSource, WindowFrame } from "./operator.ts";
import { outputsOf } from "./stored-series.ts";

/** Reads the samples of a range selector from the storage. */
export function rangeSelect(selection: Selection, frame: WindowFrame): RangeSource {
  const first = frame.firstEnd - frame.rangeMs - frame.before + 1;
  const last = frame.firstEnd + frame.stride * (frame.grid.count - 1) + frame.after;
  let set: SeriesSet | undefined;
  let count = 0;
  let index = 0;
  return {
    frame,
    derived: false,
    async prepare(signal) {
      set = await selection.series(signal);
      count = countOf(set);
      return outputsOf(set);
    },
    next(out) {
      if (set === undefined || index >= count) return false;
      out.reset();
      set.read(index++, first, last, out);
      removeStale(out);
      return true;
    },
    nextSpans(out) {
      if (set?.readSpans === undefined || index >= count) return false;
      if (!set.readSpans(index, first, last, out)) return false;
      index++;
      return true;
    },
    get downsampled() {
      return set?.downsampled;
    },
    nextAggregates(out) {
      if (set?.readAggregates === undefined || index >= count) return false;
      const start = first - reachOf(set.downsampled?.resolutionMs ?? 0);
      if (!set.readAggregates(index, start, last, out)) return false;
      out.dropStale();
      index++;
      return true;
    },
    close() {
      set = undefined;
    },
  };
}

/** Removes the markers that a series has ended (stale markers) from samples, in place. */
export function removeStale(samples: SampleColumns): void {
  const { timestamps, values, valueWords, histograms, count } = samples;
  const starts = samples.startTimestamps;
  let kept = histograms === undefined ? firstNan(values, count) : 0;
  for (let i = kept; i < count; i++) {
    const histogram = histograms?.[i];
    if (histogram === undefined ? isStaleAt(valueWords, i) : histogram.stale === true) continue;
    if (kept !== i) {
      timestamps[kept] = timestamps[i]!;
      values[kept] = values[i]!;
      if (histograms !== undefined) histograms[kept] = histogram;
      if (starts !== undefined) starts[kept] = starts[i]!;
    }
    kept++;
  }
  samples.count = kept;
}

/** Returns the index of the first NaN, or `count` (the usual case) without any NaN. Stale markers are NaNs. */
function firstNan(values: Float64Array, count: number): number {
  let i = 0;
  // Checks four values at a time for NaN by their sum, which is NaN if one of them is NaN. A sum with infinities may
  // also be NaN, so the four values are then checked one by one.
  for (const end = count - 3; i < end; i += 4) {
    const sum = values[i]! + values[i + 1]! + (values[i + 2]! + values[i + 3]!);
    if (Number.isNaN(sum)) break;
  }
  while (i < count && !Number.isNaN(values[i]!)) i++;
  return i;
}
