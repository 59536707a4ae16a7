import { QueryError } from "@narthex/promql";
import type { Querier, Queryable } from "@narthex/storage";

/** What a query asks for is not known to be little: it is to be read elsewhere. */
export class SelectionLimitError extends QueryError {
  constructor() {
    super("execution", "the query may select too many series to be evaluated on the main thread");
  }
}

/**
 * The same storage for queries that are to be done at once: all selections of one find `most` series at most, by what the
 * storage knows without a search. What may find more rejects with SelectionLimitError before anything is read.
 *
 * @param unknown what becomes of selections whose number of series the storage does not know, such as those of blocks
 */
export function boundedSelections(storage: Queryable, most: number, unknown: "refused" | "read"): Queryable {
  return {
    querier(minTime, maxTime) {
      const querier = storage.querier(minTime, maxTime);
      let left = most;
      return {
        select(matchers, hints) {
          const found = querier.mostSeries?.(matchers, hints) ?? Infinity;
          if (found < Infinity || unknown === "refused") left -= found;
          return left < 0 ? Promise.reject(new SelectionLimitError()) : querier.select(matchers, hints);
        },
        // They look at all series where no matcher leaves some out.
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
