import { type Grid, gridEnd, instantGrid, rangeGrid } from "@narthex/model";
import type { Queryable } from "@narthex/storage";
import { sampleStatsOf } from "./sample-stats/sample-stats.ts";
import { SampleStatsRecorder, NeedsSampleStatsError } from "./sample-stats/sample-stats-recorder.ts";
import type { StepCounts } from "./sample-stats/step-counts.ts";
import { Annotations } from "./annotations.ts";
import { deadlineChecker, eventLoopYielder, Deadline, type EngineClock } from "./deadline.ts";
import { type MemoryCharge, SampleBudget, tooManySamples } from "./budget.ts";
import type { Evaluation, QueryFeatures } from "./evaluation.ts";
import { EmptyReasons } from "./explain/empty-reason.ts";
import { analysisOf, type Explanation, explanationOf } from "./explain/explanation.ts";
import { ExpressionText } from "./explain/expression-text.ts";
import { QueryProfile } from "./explain/query-profile.ts";
import { StoredData } from "./explain/stored-data.ts";
import { QueryError } from "./query-error.ts";
import { type QueryResult, type QueryStats, type QueryTimings, secondsOf } from "./query-result.ts";
import { QueryGate } from "./query-gate.ts";
import { planExpression, type PlanOutcome, runPlan } from "./run-plan.ts";
import { LruCache } from "./lru-cache.ts";
import { Selections } from "./selections.ts";
import type { Expr } from "./syntax/ast.ts";
import { parseExpression } from "./syntax/parse.ts";
import { documentedType, valueTypeOf } from "./syntax/value-type.ts";

export interface EngineOptions {
  readonly clock: EngineClock;
  /** Largest number of samples that a query may hold at a time (`--query.max-samples`). Default 50,000,000. */
  readonly maxSamples?: number;
  /** Largest number of bytes that a query may hold at a time (`--query.max-bytes`). By default there is no limit. */
  readonly maxBytes?: number;
  /** Longest time of a query, ms (`--query.timeout`). Default 2 minutes. */
  readonly timeoutMs?: number;
  /** How far back an instant selector looks for a sample, ms (`--query.lookback-delta`). Default 5 minutes. */
  readonly lookbackMs?: number;
  /** Largest number of queries that run at the same time (`--query.max-concurrency`). Default 20. */
  readonly maxConcurrency?: number;
  /**
   * Step in ms of subqueries that have no step, usually the global evaluation interval. If it is a function, it is
   * called for each query. Default: 1 minute.
   */
  readonly defaultEvalIntervalMs?: number | (() => number);
  readonly features?: Partial<QueryFeatures>;
  /** Lets other work of the thread run. Default: sleeps for 0 ms. */
  readonly yieldTurn?: () => Promise<void>;
}

/** Evaluation time of a query: an instant, or a range that includes both ends. All times are in ms. */
export type QueryTime =
  | { readonly grid: Grid }
  | { readonly time: number }
  | { readonly start: number; readonly end: number; readonly step: number };

export type EngineRequest = QueryTime & {
  readonly queryable: Queryable;
  /** Text of the query. Needed even if `expr` is given, because messages contain positions in the text. */
  readonly text?: string;
  readonly expr?: Expr;
  readonly lookbackMs?: number;
  /** Step in ms of subqueries that have no step. Default: the setting of the engine. */
  readonly subqueryStepMs?: number;
  /** Maximum time of the query, ms. Cannot exceed the timeout of the engine. */
  readonly timeoutMs?: number;
  /** Signal that cancels the query, for instance when the client disconnects. */
  readonly signal?: AbortSignal;
  /** Largest number of series in the result; 0 means all. */
  readonly limit?: number;
  /**
   * Selects the sample statistics that are counted as in Prometheus. If undefined, the reported peak is the number of
   * samples that this engine held.
   */
  readonly samplesOf?: "query" | "steps" | undefined;
  /**
   * Memory that all queries share. The memory of the result stays taken after the query; the owner of the result must
   * give it back.
   */
  readonly memory?: MemoryCharge | undefined;
  /** If set, records the time and the results of each part of the query plan. */
  readonly profile?: QueryProfile | undefined;
  /**
   * Receives the sample counts when the query starts to run, after it has waited for other queries. The counts are
   * updated while the query runs.
   */
  readonly began?: ((counts: SampleCounts) => void) | undefined;
  /** Lets other work of the thread run. Default: the setting of the engine. */
  readonly yieldTurn?: (() => Promise<void>) | undefined;
};

export interface SampleCounts {
  /** Number of samples that were read from storage, without repetition. */
  readonly read: number;
}

/** A query that runs, or waits because too many other queries run. */
interface ActiveQuery {
  readonly id: number;
  readonly text: string;
  /** Start of the query, ms since 1970. */
  readonly startedAt: number;
}

export interface Engine {
  readonly features: QueryFeatures;
  readonly maxConcurrency: number;
  /** Runs a query. Rejects with QueryError. */
  query(request: EngineRequest): Promise<QueryResult>;
  /** Plans a query. With `analyze` it also runs the query and measures its parts. Rejects with QueryError. */
  explain(request: EngineRequest, analyze: boolean): Promise<Explanation>;
  listActive(): readonly ActiveQuery[];
  /** Number of queries that wait because too many other queries run. */
  readonly waiting: number;
}

/** Language features that are enabled without `--enable-feature`. */
export const DEFAULT_FEATURES: QueryFeatures = {
  delayedNameRemoval: false,
  useStartTimestamps: false,
  typeAndUnitLabels: false,
  experimentalFunctions: false,
  extendedRangeSelectors: false,
  binopFillModifiers: false,
  durationExpressions: true,
};

/** Creates a PromQL engine, which parses, plans and runs queries against any Queryable. */
export function createEngine(options: EngineOptions): Engine {
  return new PromqlEngine(options);
}

class PromqlEngine implements Engine {
  readonly features: QueryFeatures;
  readonly maxConcurrency: number;
  readonly #options: EngineOptions;
  readonly #slots: QueryGate;
  readonly #active = new Map<number, ActiveQuery>();
  readonly #expressions = new LruCache(64, 1024, (text) => parsed(text, this.features));
  #lastId = 0;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.features = { ...DEFAULT_FEATURES, ...options.features };
    this.maxConcurrency = options.maxConcurrency ?? 20;
    this.#slots = new QueryGate(this.maxConcurrency);
  }

  get waiting(): number {
    return this.#slots.waiting;
  }

  listActive(): readonly ActiveQuery[] {
    return [...this.#active.values()];
  }

  async query(request: EngineRequest): Promise<QueryResult> {
    const { clock, timeoutMs = 120_000 } = this.#options;
    const expr = request.expr ?? this.#expressions.of(request.text ?? "");
    checkType(request, expr);
    const id = ++this.#lastId;
    this.#active.set(id, { id, text: request.text ?? "", startedAt: clock.now() });
    const deadline = new Deadline(clock, Math.min(request.timeoutMs ?? Infinity, timeoutMs), request.signal);
    const queuedAt = clock.monotonic();
    try {
      const release = await this.#slots.take(deadline.signal);
      try {
        return await this.#counted(request, expr, deadline, queuedAt);
      } finally {
        release();
      }
    } catch (error) {
      throw deadline.translate(tooDeep(error) ?? error);
    } finally {
      deadline.close();
      this.#active.delete(id);
    }
  }

  async explain(request: EngineRequest, analyze: boolean): Promise<Explanation> {
    const { clock, timeoutMs = 120_000, lookbackMs = 300_000 } = this.#options;
    const expr = request.expr ?? this.#expressions.of(request.text ?? "");
    const profile = new QueryProfile(clock);
    const texts = new ExpressionText(request.text ?? "");
    const profiled = { ...request, expr, profile };
    const allowed = Math.min(request.timeoutMs ?? Infinity, timeoutMs);
    const until = clock.monotonic() + allowed;
    if (!analyze) {
      checkType(request, expr);
      const deadline = new Deadline(clock, allowed, request.signal);
      try {
        this.#plan(profiled, expr, deadline);
        return explanationOf(expr, texts, profile);
      } catch (error) {
        throw tooDeep(error) ?? error;
      } finally {
        deadline.close();
      }
    }
    const result = await this.query(profiled);
    const deadline = new Deadline(clock, until - clock.monotonic(), request.signal);
    deadline.stage = "expression evaluation";
    const yieldToEventLoop = this.#yielder(request, deadline);
    try {
      const { queryable } = request;
      const data = new StoredData(queryable.local ?? queryable, deadline.signal, yieldToEventLoop);
      const reasons = new EmptyReasons(data, texts, request.lookbackMs ?? lookbackMs);
      return await analysisOf(expr, texts, profile, result, reasons);
    } catch (error) {
      throw deadline.translate(tooDeep(error) ?? error);
    } finally {
      deadline.close();
    }
  }

  #plan(request: EngineRequest, expr: Expr, deadline: Deadline): void {
    const { maxSamples = 50_000_000, maxBytes } = this.#options;
    const budget = new SampleBudget(maxSamples, maxBytes, request.memory);
    const selections = new Selections(request.queryable, budget, request.profile?.waits);
    const evaluation = this.#evaluation(request, expr, selections, deadline, budget, false);
    budget.refuseSteps(evaluation.grid.count);
    if (valueTypeOf(expr) !== "string") planExpression(expr, evaluation);
  }

  /**
   * Runs a query. Counts samples as Prometheus does if the requested statistics need it. Otherwise, if the query may
   * exceed the sample limit, a second run counts the samples as Prometheus does.
   */
  async #counted(request: EngineRequest, expr: Expr, deadline: Deadline, queuedAt: number): Promise<QueryResult> {
    const counts = request.samplesOf !== undefined;
    try {
      return await this.#run(request, expr, deadline, queuedAt, counts);
    } catch (error) {
      if (!(error instanceof NeedsSampleStatsError)) throw error;
      return this.#run(request, expr, deadline, queuedAt, true);
    }
  }

  async #run(
    request: EngineRequest,
    expr: Expr,
    deadline: Deadline,
    queuedAt: number,
    counts: boolean,
  ): Promise<QueryResult> {
    const { clock } = this.#options;
    const startedAt = clock.monotonic();
    const { maxSamples = 50_000_000, maxBytes } = this.#options;
    const budget = new SampleBudget(maxSamples, maxBytes, request.memory);
    request.began?.(budget);
    const selections = new Selections(request.queryable, budget, request.profile?.waits);
    const evaluation = this.#evaluation(request, expr, selections, deadline, budget, counts);
    const { grid } = evaluation;
    const times = (): Times => ({ queuedAt, startedAt, endedAt: clock.monotonic() });
    try {
      deadline.stage = "query execution";
      deadline.check();
      deadline.stage = "expression evaluation";
      budget.refuseSteps(grid.count);
      const outcome = await runPlan(expr, evaluation, !isRange(request), deadline.signal, clock);
      deadline.check();
      const samples = counts ? statsOf(request, expr, evaluation) : heldBy(evaluation);
      const stats: QueryStats = { timings: timingsOf(outcome, times()), samples };
      if (counts && stats.samples.peakSamples > budget.max) throw Object.assign(tooManySamples(), { stats });
      const peakSamples = counts ? stats.samples.peakSamples : evaluation.recorder.most;
      return { ...resultOf(request, outcome, evaluation, selections, stats), peakSamples };
    } catch (error) {
      selections.close();
      // Releases all memory, because a failed query returns no result.
      budget.release(0, budget.bytes);
      const cause = deadline.translate(tooDeep(error) ?? error);
      if (cause instanceof QueryError)
        cause.stats ??= { timings: timingsOf(NO_PLAN, times()), samples: heldBy(evaluation) };
      throw cause;
    } finally {
      selections.close();
    }
  }

  #evaluation(
    request: EngineRequest,
    expr: Expr,
    selections: Selections,
    deadline: Deadline,
    budget: SampleBudget,
    counts: boolean,
  ): Evaluation {
    const { lookbackMs = 300_000, defaultEvalIntervalMs = 60_000 } = this.#options;
    const { profile } = request;
    profile?.begin(budget, selections);
    const yieldToEventLoop = this.#yielder(request, deadline);
    return {
      grid: gridOf(request),
      end: endOf(request),
      lookbackMs: request.lookbackMs ?? lookbackMs,
      subqueryStepMs:
        request.subqueryStepMs ??
        (typeof defaultEvalIntervalMs === "number" ? defaultEvalIntervalMs : defaultEvalIntervalMs()),
      features: this.features,
      annotations: new Annotations(expr),
      budget,
      recorder: new SampleStatsRecorder(counts, budget),
      profile,
      claim(claimed) {
        const selection = selections.claim(claimed);
        return profile?.claimed(claimed, selection) ?? selection;
      },
      yieldToEventLoop: profile?.pausing(yieldToEventLoop) ?? yieldToEventLoop,
      checkDeadlineAfter: deadlineChecker(deadline),
    };
  }

  #yielder(request: EngineRequest, deadline: Deadline): () => Promise<void> | undefined {
    const { clock, yieldTurn = () => clock.sleep(0) } = this.#options;
    return eventLoopYielder(clock, deadline, request.yieldTurn ?? yieldTurn);
  }
}

/**
 * Largest number of warnings, and of infos, whose texts are created. The API shows ten, but a query may have one for
 * each metric name.
 */
const MAX_TEXTS = 10;

function resultOf(
  request: EngineRequest,
  { type, series, text }: PlanOutcome,
  { annotations, grid }: Evaluation,
  selections: Selections,
  stats: QueryStats,
): Omit<QueryResult, "peakSamples"> {
  const limit = request.limit ?? 0;
  const truncated = limit > 0 && series.length > limit;
  const expression = request.text ?? "";
  const warnings = annotations.texts("warning", expression, MAX_TEXTS);
  const infos = annotations.texts("info", expression, MAX_TEXTS);
  return {
    type,
    series: truncated ? series.slice(0, limit) : series,
    text,
    time: grid.start,
    warnings: [...selections.warnings, ...warnings.texts, ...(truncated ? ["results truncated due to limit"] : [])],
    infos: [...selections.infos, ...infos.texts],
    omitted: { warnings: warnings.omitted, infos: infos.omitted },
    stats,
  };
}

/** Times of a query on the monotonic clock, ms. */
interface Times {
  readonly queuedAt: number;
  readonly startedAt: number;
  readonly endedAt: number;
}

type PlanTimes = Pick<PlanOutcome, "planMs" | "runMs" | "sortMs">;

/** Durations of the stages of a failed query: always 0, because they are not measured. */
const NO_PLAN: PlanTimes = { planMs: 0, runMs: 0, sortMs: 0 };

const timingsOf = (plan: PlanTimes, { queuedAt, startedAt, endedAt }: Times): QueryTimings => ({
  evalTotalTime: secondsOf(endedAt - startedAt),
  resultSortTime: secondsOf(plan.sortMs),
  queryPreparationTime: secondsOf(plan.planMs),
  innerEvalTime: secondsOf(plan.runMs),
  execQueueTime: secondsOf(startedAt - queuedAt),
  execTotalTime: secondsOf(endedAt - queuedAt),
});

type SampleStats = QueryStats["samples"];

/** Returns how many samples this engine held and read for a query, which may have failed. */
const heldBy = ({ budget }: Evaluation): SampleStats => ({
  totalQueryableSamples: budget.totalQueryable,
  samplesRead: budget.read,
  peakSamples: budget.peak,
});

/** Returns how many samples Prometheus would have held and read for a query. */
function statsOf(request: EngineRequest, expr: Expr, { grid, recorder }: Evaluation): SampleStats {
  const stats = sampleStatsOf(expr, grid, recorder);
  const totals = {
    totalQueryableSamples: stats.queryable.sum,
    samplesRead: stats.read.sum,
    peakSamples: stats.peak,
  };
  if (request.samplesOf !== "steps") return totals;
  const bySteps = (counted: StepCounts): (readonly [number, number])[] =>
    Array.from({ length: grid.count }, (_, step) => [(grid.start + step * grid.step) / 1000, counted.at(step)]);
  return {
    totalQueryableSamplesPerStep: bySteps(stats.queryable),
    totalQueryableSamples: totals.totalQueryableSamples,
    samplesReadPerStep: bySteps(stats.read),
    samplesRead: totals.samplesRead,
    peakSamples: totals.peakSamples,
  };
}

/**
 * Converts a stack overflow to a query error, so that a deeply nested query fails without ending the program. Returns
 * undefined for other errors.
 */
function tooDeep(error: unknown): QueryError | undefined {
  if (!(error instanceof RangeError) || !error.message.includes("call stack")) return undefined;
  return new QueryError("execution", "expression is nested too deeply to be evaluated, split it up", { cause: error });
}

/** Returns whether the result is a matrix. A query over a range has a matrix even if the range has only one step. */
const isRange = (time: QueryTime): boolean => "step" in time || ("grid" in time && time.grid.step > 0);

function gridOf(request: QueryTime): Grid {
  if ("grid" in request) return request.grid;
  if ("time" in request) return instantGrid(request.time);
  if (request.step <= 0 || request.end < request.start) return { start: request.start, step: 1, count: 0 };
  return rangeGrid(request.start, request.end, request.step);
}

function endOf(request: QueryTime): number {
  if ("grid" in request) return gridEnd(request.grid);
  return "time" in request ? request.time : request.end;
}

function checkType(request: QueryTime, expr: Expr): void {
  const type = valueTypeOf(expr);
  if (isRange(request) && type !== "vector" && type !== "scalar") {
    const name = documentedType(type);
    throw new QueryError(
      "bad-query",
      `invalid expression type "${name}" for range query, must be Scalar or instant Vector`,
    );
  }
}

function parsed(text: string, features: QueryFeatures): Expr {
  const result = parseExpression(text, features);
  if (!result.ok) throw new QueryError("bad-query", result.errors[0].toString());
  return result.expr;
}
