import type { Matcher } from "@narthex/model";
import type { Querier, Queryable } from "@narthex/storage";
import { SelectionLimitError } from "./bounded-selections.ts";

/**
 * Limits how many series, label names and values the listings of a querier may visit together. Used for listings that
 * must finish without a pause. A listing that may visit more, or whose number is not known, rejects with
 * SelectionLimitError before it visits anything.
 */
export function boundedListings(storage: Queryable, most: number): Queryable {
  return {
    querier(minTime, maxTime) {
      const querier = storage.querier(minTime, maxTime);
      let left = most;
      const take = (matchers: readonly Matcher[], label?: string): void => {
        left -= querier.maxListed?.(matchers, label) ?? Infinity;
        if (left < 0) throw new SelectionLimitError();
      };
      return {
        async select(matchers, hints) {
          take(matchers);
          return querier.select(matchers, hints);
        },
        async labelNames(matchers, hints) {
          take(matchers);
          return querier.labelNames(matchers, hints);
        },
        async labelValues(name, matchers, hints) {
          take(matchers, name);
          return querier.labelValues(name, matchers, hints);
        },
        get warnings() {
          return querier.warnings ?? [];
        },
        close: () => querier.close(),
      } satisfies Querier;
    },
  };
}
