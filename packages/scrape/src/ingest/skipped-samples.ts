import type { Logger } from "@narthex/runtime";
import { OUTCOME_DUPLICATE, OUTCOME_OUT_OF_ORDER } from "@narthex/storage";
import type { ScrapeMetrics } from "../metrics.ts";

/** Samples of one scrape that the storage refused without failing the scrape. */
export class SkippedSamples {
  outOfOrder = 0;
  duplicates = 0;
  outOfBounds = 0;
  /** Number of exemplars that were out of order. Counted only if all exemplars of a sample were out of order. */
  exemplars = 0;

  /** Counts a refused sample by its outcome, the reason of the refusal. */
  count(outcome: number): void {
    if (outcome === OUTCOME_OUT_OF_ORDER) this.outOfOrder++;
    else if (outcome === OUTCOME_DUPLICATE) this.duplicates++;
    else this.outOfBounds++;
  }

  /** Adds the numbers to the self metrics and logs them. */
  report(metrics: ScrapeMetrics, logger: Logger): void {
    if (this.outOfOrder + this.duplicates + this.outOfBounds + this.exemplars === 0) return;
    const rows = [
      [this.outOfOrder, metrics.outOfOrder, "Error on ingesting out-of-order samples"],
      [this.duplicates, metrics.duplicates, "Error on ingesting samples with different value but same timestamp"],
      [
        this.outOfBounds,
        metrics.outOfBounds,
        "Error on ingesting samples that are too old or are too far into the future",
      ],
      [this.exemplars, metrics.exemplarsOutOfOrder, "Error on ingesting out-of-order exemplars"],
    ] as const;
    for (const [count, counter, message] of rows) {
      if (count === 0) continue;
      counter.inc(count);
      logger.warn(message, { num_dropped: count });
    }
  }
}
