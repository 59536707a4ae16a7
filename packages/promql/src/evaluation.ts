import type { Grid } from "@narthex/model";
import type { SampleStatsRecorder } from "./sample-stats/sample-stats-recorder.ts";
import type { Annotations } from "./annotations.ts";
import type { SampleBudget } from "./budget.ts";
import type { Selection, SelectionRequest } from "./selection.ts";
import type { QueryProfile } from "./explain/query-profile.ts";

/**
 * Features that change the meaning of the language. All are off by default, as on a server without `--enable-feature`.
 */
export interface QueryFeatures {
  /** Whether names stay visible to later operators until the end of the query. */
  readonly delayedNameRemoval: boolean;
  /** Whether rate, irate, increase and resets use start timestamps of samples. */
  readonly useStartTimestamps: boolean;
  /** Whether `__type__` decides if a metric is a counter. */
  readonly typeAndUnitLabels: boolean;
  readonly experimentalFunctions: boolean;
  readonly extendedRangeSelectors: boolean;
  readonly binopFillModifiers: boolean;
  readonly durationExpressions: boolean;
}

/** One running query: the state that all of its operators share. */
export interface Evaluation {
  /** The steps of the query itself; operators inside subqueries have their own grids. */
  readonly grid: Grid;
  /** The requested end of the query, ms: `end()`. It is not a step if the range is not a multiple of the step. */
  readonly end: number;
  readonly lookbackMs: number;
  readonly subqueryStepMs: number;
  readonly features: QueryFeatures;
  readonly annotations: Annotations;
  readonly budget: SampleBudget;
  /** Records the statistics of its parts. */
  readonly recorder: SampleStatsRecorder;
  /** Measures the parts; undefined unless the query is explained. */
  readonly profile?: QueryProfile | undefined;
  /** Announces a selection at planning time. */
  claim(request: SelectionRequest): Selection;
  /**
   * Call between batches of work. Throws if the query is cancelled or out of time; returns a promise to await if its
   * time slice is over.
   */
  yieldToEventLoop(): Promise<void> | undefined;
  /**
   * Call it in loops over the windows of one series, which cannot pause, with the number of samples that each window
   * costs. Reads the clock after each million, and throws if the query is out of time.
   */
  checkDeadlineAfter(samples: number): void;
}
