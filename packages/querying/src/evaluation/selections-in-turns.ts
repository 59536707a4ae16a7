import type { Querier, Queryable } from "@narthex/storage";

/**
 * Wraps a storage for a job that shares its thread with other jobs. If other jobs have run while the storage was
 * working, the job waits for its turn.
 * @param resumed returns a promise that resolves at the job's turn; undefined if no other job has run
 */
export function selectionsInTurns(storage: Queryable, resumed: () => Promise<void> | undefined): Queryable {
  return {
    querier(minTime, maxTime) {
      const querier = storage.querier(minTime, maxTime);
      const inTurn = async <T>(found: Promise<T>): Promise<T> => {
        const result = await found;
        const turn = resumed();
        if (turn !== undefined) await turn;
        return result;
      };
      return {
        select: (matchers, hints) => inTurn(querier.select(matchers, hints)),
        labelNames: (matchers, hints) => inTurn(querier.labelNames(matchers, hints)),
        labelValues: (name, matchers, hints) => inTurn(querier.labelValues(name, matchers, hints)),
        maxSeries: (matchers, hints) => querier.maxSeries?.(matchers, hints) ?? Infinity,
        maxListed: (matchers, label) => querier.maxListed?.(matchers, label) ?? Infinity,
        get completeSince() {
          return querier.completeSince;
        },
        get warnings() {
          return querier.warnings;
        },
        get bytesRead() {
          return querier.bytesRead;
        },
        close: () => querier.close(),
      } as Querier;
    },
    get local() {
      return storage.local && selectionsInTurns(storage.local, resumed);
    },
    get invalidations() {
      return storage.invalidations;
    },
  } as Queryable;
}
