import type { Labels } from "@narthex/model";
import type { LabelSets, Queryable } from "@narthex/storage";

/**
 * Returns a storage with the series of `storage`. The labels of the series are stored as numbers, as in a selection of
 * many series.
 */
export const withLabelSets = (storage: Queryable): Queryable => ({
  querier(minTime, maxTime) {
    const querier = storage.querier(minTime, maxTime);
    return {
      ...querier,
      async select(matchers, hints) {
        const set = await querier.select(matchers, hints);
        return { ...set, labelSets: labelSetsOf(set.labels) };
      },
    };
  },
});

function labelSetsOf(all: readonly Labels[]): LabelSets {
  const at = (index: number, keep: (name: string) => boolean = () => true): Labels => all[index]!.filter(keep);
  return {
    count: all.length,
    at,
    value: (index, name) => all[index]!.get(name),
    group(keep) {
      const keys = all.map((_, index) => at(index, keep).key);
      const numbers = new Map([...new Set(keys)].map((key, number) => [key, number]));
      return Uint32Array.from(keys, (key) => numbers.get(key)!);
    },
  };
}
