import { QueryError } from "@narthex/promql";
import type { Querier, Queryable } from "@narthex/storage";

/** A query may need more data than is permitted on this thread, so it must run on another one. */
export class SelectionLimitError extends QueryError {
  constructor() {
    super("execution", "the query may select too many series to be evaluated on the main thread");
  }
}

/**
 * Limits a storage for queries that run in a single turn: all selections of a querier together may find at most `most`
 * series, as estimated without a search. A selection that may find more rejects with SelectionLimitError before
 * anything is read.
 *
 * @param unknown what happens to selections for which the storage does not know the number of series, such as those of
 * blocks
 */
export function boundedSelections(storage: Queryable, most: number, unknown: "refused" | "read"): Queryable {
  return {
    querier(minTime, maxTime) {
      const querier = storage.querier(minTime, maxTime);
      let left = most;
      return {
        select(matchers, hints) {
          const found = querier.maxSeries?.(matchers, hints) ?? Infinity;
          if (found < Infinity || unknown === "refused") left -= found;
          return left < 0 ? Promise.reject(new SelectionLimitError()) : querier.select(matchers, hints);
        },
        // Label lists are refused, because they read all series if no matcher excludes some.
        labelNames: () => Promise.reject(new SelectionLimitError()),
        labelValues: () => Promise.reject(new SelectionLimitError()),
        get warnings() {
          return querier.warnings ?? [];
        },
        get bytesRead() {
          return querier.bytesRead ?? 0;
        },
        close: () => querier.close(),
      } satisfies Querier;
    },
  };
}
