import type { Grid } from "@narthex/model";
import type { SampleStatsRecorder } from "./sample-stats/sample-stats-recorder.ts";
import type { Annotations } from "./annotations.ts";
import type { SampleBudget } from "./budget.ts";
import type { Selection, SelectionRequest } from "./selection.ts";
import type { QueryProfile } from "./explain/query-profile.ts";

/** Language features of a query. All features are disabled by default, as in Prometheus without `--enable-feature`. */
export interface QueryFeatures {
  /** Whether functions drop the metric name only at the end of the query, so that later operators can still use it. */
  readonly delayedNameRemoval: boolean;
  /** Whether rate, irate, increase and resets use start timestamps of samples. */
  readonly useStartTimestamps: boolean;
  /** Whether the label `__type__` decides if a metric is a counter. */
  readonly typeAndUnitLabels: boolean;
  readonly experimentalFunctions: boolean;
  readonly extendedRangeSelectors: boolean;
  readonly binopFillModifiers: boolean;
  readonly durationExpressions: boolean;
}

/** Data of one running query that all of its operators share. */
export interface Evaluation {
  /** The evaluation times of the query. Operators within subqueries have other times. */
  readonly grid: Grid;
  /**
   * The end of the query as requested, ms, which the function `end()` returns. The last evaluation time may be earlier.
   */
  readonly end: number;
  readonly lookbackMs: number;
  readonly subqueryStepMs: number;
  readonly features: QueryFeatures;
  readonly annotations: Annotations;
  readonly budget: SampleBudget;
  /** Records for each part of the query how many samples it needs. */
  readonly recorder: SampleStatsRecorder;
  /** Records the time and the results of the parts of the query. Undefined unless the query is explained. */
  readonly profile?: QueryProfile | undefined;
  /** Registers the series that a selector will read. The planner calls this for each selector of the query. */
  claim(request: SelectionRequest): Selection;
  /**
   * Lets other work run if it is due: returns a promise that the caller must await. Must be called between batches of
   * work. Throws if the query is cancelled or out of time.
   */
  yieldToEventLoop(): Promise<void> | undefined;
  /**
   * Counts processed samples. After each million samples, reads the clock and throws if the query is out of time. Must
   * be called in loops that cannot pause.
   */
  checkDeadlineAfter(samples: number): void;
}
