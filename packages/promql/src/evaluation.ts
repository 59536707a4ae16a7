import type { Grid } from "@narthex/model";
import type { SampleStatsRecorder } from "./sample-stats/sample-stats-recorder.ts";
import type { Annotations } from "./annotations.ts";
import type { SampleBudget } from "./budget.ts";
import type { Selection, SelectionRequest } from "./selection.ts";
import type { QueryProfile } from "./explain/query-profile.ts";

/**
 * Features that change the language. The features are disabled by default, as in a server without `--enable-feature`.
 */
export interface QueryFeatures {
  /** Whether metric names stay visible to later operators until the end of the query. */
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

/** State of one running query, which all of its operators share. */
export interface Evaluation {
  /** The steps of the query itself. Operators within subqueries have other grids. */
  readonly grid: Grid;
  /**
   * The requested end of the query, ms, which `end()` returns. The end is not a step if the range is not a multiple of
   * the step.
   */
  readonly end: number;
  readonly lookbackMs: number;
  readonly subqueryStepMs: number;
  readonly features: QueryFeatures;
  readonly annotations: Annotations;
  readonly budget: SampleBudget;
  /** Records the statistics of the query's parts. */
  readonly recorder: SampleStatsRecorder;
  /** Measures the query's parts; undefined unless the query is explained. */
  readonly profile?: QueryProfile | undefined;
  /** Announces a selection while the query is planned. */
  claim(request: SelectionRequest): Selection;
  /**
   * Must be called between batches of work. Throws if the query is cancelled or out of time. If the time slice is over,
   * returns a promise that the caller must await.
   */
  yieldToEventLoop(): Promise<void> | undefined;
  /**
   * Must be called in loops over the windows of one series, which cannot pause, with the number of samples that each
   * window costs. Reads the clock after each million samples, and throws if the query is out of time.
   */
  checkDeadlineAfter(samples: number): void;
}
