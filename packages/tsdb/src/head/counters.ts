import { OUTCOME_OUT_OF_BOUNDS, OUTCOME_OUT_OF_ORDER, OUTCOME_TOO_OLD } from "@narthex/storage";

/** Counters of the head, for the database's own metrics. */
export class HeadCounters {
  floatsAppended = 0;
  histogramsAppended = 0;
  floatsOutOfOrder = 0;
  histogramsOutOfOrder = 0;
  /**
   * Number of refused samples that are too old for a head without an out-of-order window, or outside the caller's time
   * limits.
   */
  floatsOutOfBounds = 0;
  histogramsOutOfBounds = 0;
  /**
   * Number of refused float samples that are older than the out-of-order window. Histograms are not counted, as in
   * Prometheus.
   */
  floatsTooOld = 0;
  seriesCreated = 0;
  seriesRemoved = 0;
  seriesNotFound = 0;
  chunksRemoved = 0;
  exemplarsAppended = 0;
  exemplarsOutOfOrder = 0;
  collections = 0;
  collectionSeconds = 0;
  truncations = 0;
  truncationsFailed = 0;

  /** Counts a refused sample by its outcome. `window` is true if the head accepts out-of-order samples. */
  refuse(outcome: number, histogram: boolean, window = false): void {
    if (outcome === OUTCOME_OUT_OF_ORDER) {
      if (histogram) this.histogramsOutOfOrder++;
      else this.floatsOutOfOrder++;
    } else if (outcome === OUTCOME_TOO_OLD && window) {
      if (!histogram) this.floatsTooOld++;
    } else if (outcome === OUTCOME_TOO_OLD || outcome === OUTCOME_OUT_OF_BOUNDS) {
      if (histogram) this.histogramsOutOfBounds++;
      else this.floatsOutOfBounds++;
    }
  }
}
