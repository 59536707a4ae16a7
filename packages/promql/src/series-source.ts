import { compareLabels, formatLabels, Labels, matchesAll, wordsOf } from "@narthex/model";
import {
  checkColumns,
  columnOf,
  type LabelMatcher,
  type Querier,
  type Queryable as StorageQueryable,
  type SampleColumns,
  type SeriesData,
  type SeriesSet,
  type TimeRange,
} from "@narthex/storage";

/**
 * A source of series that a program provides, for example from arrays, a file or another database.
 *
 * ```ts
 * const queryable: Queryable = {
 *   select: () => [{ labels: { __name__: "up", job: "api" }, times: [0, 15_000], values: [1, 0] }],
 * };
 * ```
 */
export interface Queryable {
  /**
   * Returns the series that all matchers accept, with their samples in the time range. The engine ignores other series
   * and samples in the result. The engine calls the method once for each different selector of a query. If the method
   * throws or rejects, the query fails with a QueryError of the kind `storage`. Two series must not have the same
   * labels.
   */
  select(matchers: readonly LabelMatcher[], range: TimeRange): Iterable<SeriesData> | Promise<Iterable<SeriesData>>;
}

/** Converts a source of series to the interface from which the engine reads. */
export const queryableOf = (source: Queryable): StorageQueryable => ({
  querier: (start, end): Querier => {
    const sorted = (words: readonly string[]): string[] => [...new Set(words)].sort();
    const querier: Querier = {
      select: async (matchers, hints) => {
        const range = { start: hints.start, end: hints.end, signal: hints.signal };
        const found = Array.from(await source.select(matchers, range), checked);
        return seriesSet(found.filter(({ labels }) => matchesAll(matchers, labels)).map(heldOf));
      },
      labelNames: async (matchers) => {
        const { labels } = await querier.select(matchers, { start, end });
        return sorted(labels.flatMap((one) => one.names()));
      },
      labelValues: async (name, matchers) => {
        const { labels } = await querier.select(matchers, { start, end });
        return sorted(labels.flatMap((one) => (one.has(name) ? [one.get(name)] : [])));
      },
      close() {},
    };
    return querier;
  },
});

interface CheckedSeries {
  readonly labels: Labels;
  readonly data: SeriesData;
}

interface Held {
  readonly labels: Labels;
  readonly times: Float64Array;
  readonly words: Uint32Array;
  readonly histograms: SeriesData["histograms"];
}

/**
 * Checks the arrays of a series. Throws an error that names the series if their lengths or contents do not fit
 * together.
 */
function checked(data: SeriesData): CheckedSeries {
  const labels = Labels.of(data.labels);
  try {
    checkColumns(data);
  } catch (error) {
    throw new Error(`series ${formatLabels(labels)}: ${(error as Error).message}`, { cause: error });
  }
  return { labels, data };
}

const heldOf = ({ labels, data: { times, values, histograms } }: CheckedSeries): Held => ({
  labels,
  times: columnOf(times),
  words: wordsOf(columnOf(values)),
  histograms,
});

function seriesSet(found: Held[]): SeriesSet {
  found.sort((a, b) => compareLabels(a.labels, b.labels));
  for (const [i, { labels }] of found.entries())
    if (found[i - 1]?.labels.equals(labels) === true)
      throw new Error(`two series have the labels ${formatLabels(labels)}`);
  return {
    labels: found.map(({ labels }) => labels),
    warnings: [],
    read: (index, minTime, maxTime, into) => readInto(into, found[index]!, minTime, maxTime),
  };
}

function readInto(into: SampleColumns, { times, words, histograms }: Held, minTime: number, maxTime: number): void {
  into.reset();
  let from = 0;
  let to = times.length;
  while (from < to && times[from]! < minTime) from++;
  while (to > from && times[to - 1]! > maxTime) to--;
  if (histograms === undefined) {
    into.reserve(to - from);
    into.timestamps.set(times.subarray(from, to));
    into.valueWords.set(words.subarray(from * 2, to * 2));
    into.count = to - from;
    return;
  }
  for (let i = from; i < to; i++) {
    const histogram = histograms[i];
    if (histogram === undefined) into.pushFloat(times[i]!, words, i);
    else into.pushHistogram(times[i]!, histogram);
  }
}
