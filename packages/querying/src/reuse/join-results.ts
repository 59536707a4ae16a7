import { compareLabels } from "@narthex/model";
import { ABSENT, type ResultSeries } from "@narthex/promql";
import { SLOT_BYTES } from "./compact-series.ts";

/**
 * A part of a result: the evaluation times with the indexes `from` to `from + count - 1`. In the joined result, their
 * indexes begin at `at`.
 */
export interface ResultPart {
  readonly series: readonly ResultSeries[];
  readonly from: number;
  readonly count: number;
  readonly at: number;
}

export interface JoinOptions {
  /** All evaluation times of the joined result. */
  readonly times: Float64Array;
  /** Takes memory before it is allocated. Throws if too little is left. */
  readonly take: (bytes: number) => void;
  /** Yields to other jobs. joinResults() calls this function regularly. */
  readonly pause: () => Promise<void> | undefined;
}

/**
 * Joins the results of consecutive parts of a time range. The results must contain only floats and must be sorted by
 * labels.
 */
export async function joinResults(
  parts: readonly ResultPart[],
  { times, take, pause }: JoinOptions,
): Promise<readonly ResultSeries[]> {
  const slots = times.length;
  const next = parts.map(() => 0);
  const joined: ResultSeries[] = [];
  let values = new Float64Array(slots);
  let present = new Uint8Array(slots);
  for (;;) {
    const { labels } = firstOf(parts, next) ?? {};
    if (labels === undefined) return joined;
    let hasSamples = false;
    for (const [i, part] of parts.entries()) {
      const one = part.series[next[i]!];
      if (one === undefined || compareLabels(one.labels, labels) !== 0) continue;
      next[i]!++;
      const { from, count, at } = part;
      const kinds = one.column.present.subarray(from, from + count);
      hasSamples ||= kinds.some((kind) => kind !== ABSENT);
      present.set(kinds, at);
      values.set(one.column.values.subarray(from, from + count), at);
    }
    if (hasSamples) {
      take(slots * SLOT_BYTES);
      joined.push({ labels, times, column: { values, present, histograms: undefined } });
      values = new Float64Array(slots);
      present = new Uint8Array(slots);
    } else present.fill(ABSENT);
    const waiting = pause();
    if (waiting !== undefined) await waiting;
  }
}

/** Compares the next series of each part, and returns the series whose labels sort first. */
function firstOf(parts: readonly ResultPart[], next: readonly number[]): ResultSeries | undefined {
  let first: ResultSeries | undefined;
  for (const [i, { series }] of parts.entries()) {
    const one = series[next[i]!];
    if (one !== undefined && (first === undefined || compareLabels(one.labels, first.labels) < 0)) first = one;
  }
  return first;
}
