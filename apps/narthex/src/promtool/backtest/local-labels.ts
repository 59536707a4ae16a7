import { compareLabels, type Labels } from "@narthex/model";
import { countOf, type Queryable, type SeriesSet } from "@narthex/storage";

/**
 * Returns the series of another server as its own rules see them. A server adds its external labels to the series that
 * others read with remote read; these labels are removed again if they have the given values.
 */
export const withLocalLabels = (remote: Queryable, externalLabels: Labels): Queryable => ({
  querier(minTime, maxTime) {
    const querier = remote.querier(minTime, maxTime);
    return {
      select: async (matchers, hints) => withoutExternal(await querier.select(matchers, hints), externalLabels),
      labelNames: (matchers, hints) => querier.labelNames(matchers, hints),
      labelValues: (name, matchers, hints) => querier.labelValues(name, matchers, hints),
      close: () => querier.close(),
    };
  },
});

/** Returns a set without external labels, in the order of its new labels. */
function withoutExternal(set: SeriesSet, externalLabels: Labels): SeriesSet {
  const all = Array.from({ length: countOf(set) }, (_, at) => {
    const labels = set.labelSets?.at(at) ?? set.labels[at]!;
    const external = [...externalLabels].filter(([name, value]) => labels.get(name) === value);
    return { at, labels: labels.without(...external.map(([name]) => name)) };
  }).sort((a, b) => compareLabels(a.labels, b.labels));
  return {
    labels: all.map(({ labels }) => labels),
    warnings: set.warnings,
    read: (index, minTime, maxTime, into) => set.read(all[index]!.at, minTime, maxTime, into),
  };
}
