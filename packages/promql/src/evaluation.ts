import type { Grid } from "@narthex/model";
import type { SampleStatsRecorder } from "./sample-stats/sample-stats-recorder.ts";
import type { Annotations } from "./annotations.ts";
import type { SampleBudget } from "./budget.ts";
import type { Selection, SelectionRequest } from "./selection.ts";
import type { QueryProfile } from "./explain/query-profile.ts";

/** Switches that change what the language means. All off by default, as on a server without `--enable-feature`. */
export interface QueryFeatures {
  /** Names stay visible to later operators until the very end. */
  readonly delayedNameRemoval: boolean;
  /** Start timestamps of samples take part in rate, irate, increase and resets. */
  readonly useStartTimestamps: boolean;
  /** `__type__` tells whether a metric is a counter. */
  readonly typeAndUnitLabels: boolean;
  readonly experimentalFunctions: boolean;
  readonly extendedRangeSelectors: boolean;
  readonly binopFillModifiers: boolean;
  readonly durationExpressions: boolean;
}

/** One query in flight: what every operator of its tree shares. */
export interface Evaluation {
  /** The steps of the query itself; operators inside subqueries have grids of their own. */
  readonly grid: Grid;
  /** The end of the query as asked for, ms: `end()`. Not a step where the range is no multiple of the step. */
  readonly end: number;
  readonly lookbackMs: number;
  readonly subqueryStepMs: number;
  readonly features: QueryFeatures;
  readonly annotations: Annotations;
  readonly budget: SampleBudget;
  /** What its parts come to. */
  readonly recorder: SampleStatsRecorder;
  /** Measures the parts; undefined in all queries that are not to be explained. */
  readonly profile?: QueryProfile | undefined;
  /** Announces a selection at planning time. */
  claim(request: SelectionRequest): Selection;
  /**
   * To be called between batches of work: throws when the query is cancelled or out of time, and returns a promise to
   * await when its time slice is spent.
   */
  yieldToEventLoop(): Promise<void> | undefined;
  /**
   * To be called for each window by loops over the windows of one series, which cannot pause, with the number of samples that
   * the window costs. Looks at the clock after each million, and throws when the query is out of time.
   */
  checkDeadlineAfter(samples: number): void;
}
