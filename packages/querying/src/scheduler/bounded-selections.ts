import { QueryError } from "@narthex/promql";
import type { Querier, Queryable } from "@narthex/storage";

/** Error that a query may need more data than this thread may read. The query must then run on another thread. */
export class SelectionLimitError extends QueryError {
  constructor() {
    super("execution", "the query may select too many series to be evaluated on the main thread");
  }
}

/**
 * Limits how many series the selectors of a query may find together. Used for queries that must finish without a pause.
 * The storage estimates the number without a search. A selector that may find more series rejects with
 * SelectionLimitError before any data is read.
 * @param unknown treatment of a selector for which the storage cannot estimate the number, such as a selector that
 * reads blocks on disk
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
        // Refuses lists of label names, because they read all series if the matchers exclude none.
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
