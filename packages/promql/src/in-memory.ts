import { compareLabels, Labels, type Matcher, matchesAll, wordsOf } from "@narthex/model";
import type { Querier, Queryable, SeriesSet } from "@narthex/storage";

/** A series given by a program. */
export interface InMemorySeries {
  /** The name is the label `__name__`. */
  readonly labels: Readonly<Record<string, string>>;
  /** ms since 1970, ascending. */
  readonly times: readonly number[];
  /** The same number of values as times. */
  readonly values: readonly number[];
}

interface Held {
  readonly labels: Labels;
  readonly times: Float64Array;
  readonly words: Uint32Array;
}

/** Float series in memory, for queries without a storage: in a browser, in a test, in a script. */
export function inMemory(all: readonly InMemorySeries[]): Queryable {
  const held = all
    .map(({ labels, times, values }): Held => ({
      labels: Labels.of(labels),
      times: Float64Array.from(times),
      words: wordsOf(Float64Array.from(values)),
    }))
    .sort((a, b) => compareLabels(a.labels, b.labels));
  const matching = (matchers: readonly Matcher[]): Held[] => held.filter(({ labels }) => matchesAll(matchers, labels));
  const sorted = (words: readonly string[]): Promise<string[]> => Promise.resolve([...new Set(words)].sort());
  const querier: Querier = {
    select: (matchers) => Promise.resolve(seriesSet(matching(matchers))),
    labelNames: (matchers) => sorted(matching(matchers).flatMap(({ labels }) => labels.names())),
    labelValues: (name, matchers) =>
      sorted(matching(matchers).flatMap(({ labels }) => (labels.has(name) ? [labels.get(name)] : []))),
    close() {},
  };
  return { querier: () => querier };
}

const seriesSet = (chosen: readonly Held[]): SeriesSet => ({
  labels: chosen.map(({ labels }) => labels),
  warnings: [],
  read(index, minTime, maxTime, into) {
    const { times, words } = chosen[index]!;
    into.reset();
    for (let i = 0; i < times.length; i++)
      if (times[i]! >= minTime && times[i]! <= maxTime) into.pushFloat(times[i]!, words, i);
  },
});
