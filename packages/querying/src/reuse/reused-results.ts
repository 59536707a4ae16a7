import { type Grid, gridEnd, instantGrid, rangeGrid } from "@narthex/model";
import {
  Deadline,
  type EngineRequest,
  eventLoopYielder,
  LruCache,
  type MemoryCharge,
  parseExpression,
  printExpression,
  QueryError,
  type QueryFeatures,
  type QueryResult,
  type QueryStats,
  type QueryTime,
} from "@narthex/promql";
import type { Clock } from "@narthex/runtime";
import type { Invalidations, Queryable } from "@narthex/storage";
import { SLOT_BYTES } from "./compact-series.ts";
import { joinResults, type ResultPart } from "./join-results.ts";
import { type KeptResult, ResultCache } from "./result-cache.ts";
import { type InputSpan, inputSpanOf, LONGEST_REUSABLE } from "./reusable-expression.ts";
import type { ReuseCounters } from "./reuse-counters.ts";

/** Number of expressions for which the cache remembers whether their results can be reused. */
const KNOWN_EXPRESSIONS = 256;
/**
 * Largest number of evaluation times of a query whose result is cached. The API refuses queries with more evaluation
 * times.
 */
const MAX_STEPS = 50_000;
/** Smallest fraction of evaluation times that must be cached. If fewer are cached, the whole query is evaluated. */
const MIN_SHARE = 1 / 2;
/**
 * Largest fraction of the sample limit that a query may use so that its result is cached. With more samples, additional
 * evaluation times could exceed the limit.
 */
const MAX_SAMPLES_SHARE = 3 / 4;
/** Number of queries for which recent phases are remembered. The phase of a range is its start modulo its step. */
const KNOWN_QUERIES = 512;
/** Number of phases that are remembered for each query. Each viewer of a dashboard may cause a different phase. */
const KNOWN_PHASES = 8;

/**
 * Age of the last use in ms up to which results are kept when the thread is idle, because dashboards will probably
 * request them again.
 */
const REFRESHED_MS = 60_000;

export type ReusableQuery = QueryTime &
  Pick<EngineRequest, "text" | "expr" | "lookbackMs" | "subqueryStepMs" | "limit" | "samplesOf">;

/** Data and functions of the job that asks the cache for a result. */
export interface ReuseContext {
  readonly signal: AbortSignal;
  /** Time at which the job must end, on the monotonic clock, ms. */
  readonly until: number;
  readonly charge: MemoryCharge;
  readonly yieldTurn: () => Promise<void>;
}

/** Evaluates a query, or a part of its time range, with a timeout. */
type Evaluate = (query: ReusableQuery, timeoutMs: number) => Promise<QueryResult>;

export interface ReuseOptions {
  readonly queryable: Queryable;
  readonly features: QueryFeatures;
  /** Maximum number of samples that a query may hold in memory at a time. */
  readonly maxSamples: number;
  /** Lookback in ms of queries without their own lookback. */
  readonly lookbackMs: number;
  readonly clock: Clock;
  /** Maximum memory for cached results, bytes, which `charge` counts. */
  readonly maxBytes: number;
  readonly charge: MemoryCharge;
  readonly counters: ReuseCounters;
}

/** A running evaluation of a query, whose result later queries may reuse. */
interface Flight {
  /** Version of the stored data when the evaluation began. */
  readonly version: number;
  /** The result of the evaluation; resolves to undefined if it fails. */
  readonly result: Promise<QueryResult | undefined>;
}

/** A range query whose values at one evaluation time are independent of the other evaluation times. */
interface RangeQuery {
  readonly query: ReusableQuery;
  readonly grid: Grid;
  /** Cache key of the query. Queries with equal keys have equal values at common evaluation times. */
  readonly key: string;
  readonly span: InputSpan;
}

/** The part of a cached result that is valid and that a query needs. */
interface Stretch {
  readonly kept: KeptResult;
  readonly start: number;
  readonly count: number;
}

/**
 * Caches the results of range queries. A repeated query computes only new evaluation times, and evaluation times for
 * which stored samples may have changed. A query that arrives while an identical query runs waits for the result of the
 * running query. Results are exactly those of a full evaluation; if this is not certain, the query is evaluated
 * completely.
 */
export class ReusedResults {
  readonly #queryable: Queryable;
  readonly #maxSamples: number;
  readonly #lookbackMs: number;
  readonly #clock: Clock;
  readonly #counters: ReuseCounters;
  readonly #cache: ResultCache;
  readonly #flights = new Map<string, Flight>();
  readonly #expressions: LruCache<{ readonly text: string; readonly span: InputSpan | undefined }>;
  /**
   * Recently used phases of each query, by the key without its phase. Results of clients that begin at arbitrary times
   * are not cached, because their evaluation times never repeat.
   */
  readonly #phases = new Map<string, readonly number[]>();

  constructor({ queryable, features, maxSamples, lookbackMs, clock, maxBytes, charge, counters }: ReuseOptions) {
    this.#queryable = queryable;
    this.#maxSamples = maxSamples;
    this.#lookbackMs = lookbackMs;
    this.#clock = clock;
    this.#counters = counters;
    this.#cache = new ResultCache(maxBytes, charge, clock);
    this.#expressions = new LruCache(KNOWN_EXPRESSIONS, LONGEST_REUSABLE, (text) => {
      const parsed = parseExpression(text, features);
      if (!parsed.ok) return { text, span: undefined };
      return { text: printExpression(parsed.expr), span: inputSpanOf(parsed.expr, features) };
    });
  }

  /** Drops results that were not used for longer than the refresh interval of dashboards. */
  shrink(): void {
    this.#cache.dropIdle(REFRESHED_MS);
  }

  /** Returns the result of a query. Calls `evaluate` for the parts of the time range that are not cached. */
  async evaluate(query: ReusableQuery, context: ReuseContext, evaluate: Evaluate): Promise<QueryResult> {
    const { invalidations } = this.#queryable;
    // Evaluates a query with statistics always, because statistics must describe a real evaluation.
    const grid = gridOf(query);
    const { text: written = "" } = query;
    const rest = (part: ReusableQuery): Promise<QueryResult> => evaluate(part, context.until - this.#clock.monotonic());
    if (
      invalidations === undefined ||
      grid === undefined ||
      query.samplesOf !== undefined ||
      written.length > LONGEST_REUSABLE
    )
      return rest(query);
    const { text, span } = this.#expressions.of(written);
    const id = identityOf(query, text, grid);
    const isRange = span !== undefined && isReusable(grid, span) && (query.limit ?? 0) === 0;
    const range = isRange ? { query, grid, key: keyOf(query, text, grid), span } : undefined;
    // Time of the newest sample that the query may depend on. If the ages of samples are unknown, any sample may
    // matter.
    const newestInput = span === undefined ? Infinity : gridEnd(grid) - span.delayMs;
    for (;;) {
      const flight = this.#flights.get(id);
      if (flight === undefined) break;
      const unchangedBefore = invalidations.unchangedBefore(flight.version);
      const isSame = unchangedBefore > newestInput || unchangedBefore === Infinity;
      // Stops waiting unless the result of the running query will be cached, because only a cached result saves most of
      // an evaluation.
      if (!isSame && (range === undefined || !beginsAtStep(grid))) break;
      const result = await this.#wait(flight, context);
      if (isSame && result !== undefined) return this.#shared(result, context);
    }
    return this.#fly(id, invalidations, () =>
      range === undefined ? rest(query) : this.#evaluateRange(range, invalidations, context, rest),
    );
  }

  /** Runs an evaluation. Identical queries that arrive during the evaluation can wait for its result. */
  async #fly(id: string, invalidations: Invalidations, run: () => Promise<QueryResult>): Promise<QueryResult> {
    const { promise, resolve } = Promise.withResolvers<QueryResult | undefined>();
    const flight: Flight = { version: invalidations.version, result: promise };
    this.#flights.set(id, flight);
    let result: QueryResult | undefined;
    try {
      return (result = await run());
    } finally {
      if (this.#flights.get(id) === flight) this.#flights.delete(id);
      resolve(result);
    }
  }

  /**
   * Waits for the result of an identical running query. Resolves with undefined if that query fails. Rejects when this
   * job ends.
   */
  async #wait(flight: Flight, context: ReuseContext): Promise<QueryResult | undefined> {
    const deadline = this.#deadline(context);
    const ended = Promise.withResolvers<never>();
    const end = (): void => ended.reject(deadline.signal.reason as Error);
    try {
      deadline.check();
      deadline.signal.addEventListener("abort", end, { once: true });
      return await Promise.race([flight.result, ended.promise]);
    } finally {
      deadline.signal.removeEventListener("abort", end);
      deadline.close();
    }
  }

  /** Returns the result of another job, and counts its memory for this job too. */
  #shared(result: QueryResult, { charge }: ReuseContext): QueryResult {
    charge.take(result.series.reduce((bytes, { column }) => bytes + column.present.length * SLOT_BYTES, 0));
    this.#counters.countShared();
    return { ...result, stats: statsOf([]) };
  }

  async #evaluateRange(
    range: RangeQuery,
    invalidations: Invalidations,
    context: ReuseContext,
    evaluate: (query: ReusableQuery) => Promise<QueryResult>,
  ): Promise<QueryResult> {
    const { query, grid, key, span } = range;
    const delay = span.delayMs;
    const { version } = invalidations;
    // Evaluates ranges of downsampled data completely. The check is made after the version was read: if blocks change
    // later, the cached result is recognised as invalid.
    if (grid.start - span.reachMs - (query.lookbackMs ?? this.#lookbackMs) < (invalidations.sampledSince ?? -Infinity))
      // Evaluates a downsampled range completely, because the aggregates that an evaluation time reads depend on the
      // range of the query.
      return evaluate(query);
    const stretch = this.#stretchOf(range, invalidations);
    if (stretch !== undefined) {
      const { kept, start, count } = stretch;
      const joined = await this.#complete(range, stretch, context, evaluate);
      const end = start + grid.step * (count - 1);
      // Uses the joined result only if, during the evaluation, the input of the cached part has not changed and no
      // servers were added.
      if (joined !== undefined && this.#isOf(invalidations) && invalidations.unchangedBefore(version) + delay > end) {
        this.#counters.countSteps(count, grid.count - count);
        // Caches the joined result unless the cached result already covers the whole range.
        if (count < grid.count) await this.#keep(range, version, joined, context);
        // Drops the result near the sample limit, so that the next query is evaluated completely and gets the true
        // number. The upper bound is the sum over the parts, so it grows with each part although the range only moves.
        if (!this.#isFarFromLimit(joined)) this.#cache.drop(kept);
        return joined;
      }
      this.#cache.drop(kept);
    }
    const result = await evaluate(query);
    if (isPlain(result) && this.#isOf(invalidations)) {
      this.#counters.countSteps(0, grid.count);
      if (this.#isLikelyAgain(key, grid)) await this.#keep(range, version, result, context);
    }
    return result;
  }

  /** Returns the longest part of a cached result that the query needs. Undefined if each part is too short. */
  #stretchOf({ grid, key, span }: RangeQuery, invalidations: Invalidations): Stretch | undefined {
    let longest: Stretch | undefined;
    for (const kept of this.#cache.of(key).slice()) {
      const end = invalidations.unchangedBefore(kept.version) + span.delayMs;
      if (end <= kept.grid.start) this.#cache.drop(kept);
      const stretch = stretchOf(kept, grid, end);
      if (stretch !== undefined && stretch.count > (longest?.count ?? 0)) longest = stretch;
    }
    return longest;
  }

  #isFarFromLimit({ peakSamples }: QueryResult): boolean {
    return peakSamples <= this.#maxSamples * MAX_SAMPLES_SHARE;
  }

  /**
   * Adds a copy of a result to the cache, unless the query runs out of time. The caller returns the result in either
   * case.
   */
  async #keep({ grid, key }: RangeQuery, version: number, result: QueryResult, context: ReuseContext): Promise<void> {
    if (!this.#isFarFromLimit(result)) return;
    const { series, peakSamples } = result;
    const deadline = this.#deadline(context);
    try {
      const pause = eventLoopYielder(this.#clock, deadline, context.yieldTurn);
      await this.#cache.put(key, { version, grid, series, peakSamples }, pause);
    } catch (cause) {
      // Ignores two errors: the time of the query is over (QueryError), or an array could not be allocated
      // (RangeError).
      if (!(cause instanceof QueryError || cause instanceof RangeError)) throw cause;
    } finally {
      deadline.close();
    }
  }

  #deadline({ until, signal }: ReuseContext): Deadline {
    const deadline = new Deadline(this.#clock, until - this.#clock.monotonic(), signal);
    deadline.stage = "expression evaluation";
    return deadline;
  }

  /** Returns whether the storage still reports its changes through this object. */
  #isOf(invalidations: Invalidations): boolean {
    return this.#queryable.invalidations === invalidations;
  }

  /**
   * Evaluates the times that a cached result does not include, and joins the new values with the cached result. Returns
   * undefined if they cannot be joined.
   */
  async #complete(
    range: RangeQuery,
    stretch: Stretch,
    context: ReuseContext,
    evaluate: (query: ReusableQuery) => Promise<QueryResult>,
  ): Promise<QueryResult | undefined> {
    const ended = this.#cache.read(stretch.kept);
    try {
      return await this.#joined(range, stretch, context, evaluate);
    } finally {
      ended();
    }
  }

  async #joined(
    { query, grid }: RangeQuery,
    { kept, start, count }: Stretch,
    context: ReuseContext,
    evaluate: (query: ReusableQuery) => Promise<QueryResult>,
  ): Promise<QueryResult | undefined> {
    const { step } = grid;
    const before = (start - grid.start) / step;
    const after = grid.count - before - count;
    const known = kept.series.over(kept.grid);
    const parts: ResultPart[] = [{ series: known, from: (start - kept.grid.start) / step, count, at: before }];
    const results: QueryResult[] = [];
    for (const [first, missing] of [[0, before] as const, [before + count, after] as const]) {
      if (missing === 0) continue;
      const { text, expr, lookbackMs, subqueryStepMs } = query;
      const part = { start: grid.start + first * step, step, count: missing };
      const result = await unlessMistaken(
        evaluate({
          text: text ?? "",
          ...(expr && { expr }),
          ...(lookbackMs !== undefined && { lookbackMs }),
          ...(subqueryStepMs !== undefined && { subqueryStepMs }),
          grid: part,
        }),
      );
      if (result === undefined || !isPlain(result)) return undefined;
      results.push(result);
      parts.push({ series: result.series, from: 0, count: missing, at: first });
    }
    const peakSamples = results.reduce((sum, result) => sum + result.peakSamples, kept.peakSamples);
    // Gives up if a complete evaluation might exceed the sample limit. The caller then evaluates the query completely,
    // so that the evaluation itself reports an exceeded limit.
    if (peakSamples > this.#maxSamples) return undefined;
    const stats = statsOf(results);
    const whole = { type: "matrix", text: "", time: grid.start, warnings: [], infos: [], stats, peakSamples } as const;
    if (results.length === 0 && count === kept.grid.count) {
      context.charge.take(known.length * count * SLOT_BYTES);
      return { ...whole, series: known };
    }
    const deadline = this.#deadline(context);
    try {
      const times = Float64Array.from({ length: grid.count }, (_, slot) => grid.start + slot * step);
      const pause = eventLoopYielder(this.#clock, deadline, context.yieldTurn);
      const take = (bytes: number): void => context.charge.take(bytes);
      return { ...whole, series: await joinResults(parts, { times, take, pause }) };
    } finally {
      deadline.close();
    }
  }

  /**
   * Returns whether the same evaluation times will probably be requested again. This is the case if they are multiples
   * of the step, as in dashboards, or have a recent phase (start modulo step).
   */
  #isLikelyAgain(key: string, { start, step }: Grid): boolean {
    const query = key.slice(key.indexOf(" "));
    const phase = start % step;
    const before = this.#phases.get(query) ?? [];
    this.#phases.delete(query);
    this.#phases.set(query, [phase, ...before.filter((one) => one !== phase)].slice(0, KNOWN_PHASES));
    if (this.#phases.size > KNOWN_QUERIES) this.#phases.delete(this.#phases.keys().next().value!);
    return phase === 0 || before.includes(phase);
  }
}

/** Returns the part of a cached result before `end` that a query needs. Undefined if the part is too short. */
function stretchOf(kept: KeptResult, grid: Grid, end: number): Stretch | undefined {
  const { step } = grid;
  const start = Math.max(kept.grid.start, grid.start);
  const beyond = Math.min(gridEnd(kept.grid) + step, gridEnd(grid) + step, end);
  const count = Math.ceil((beyond - start) / step);
  return count > 0 && count >= grid.count * MIN_SHARE ? { kept, start, count } : undefined;
}

/**
 * Resolves with undefined if the evaluation fails because of the query. A full evaluation then reports the exact error.
 */
async function unlessMistaken(evaluation: Promise<QueryResult>): Promise<QueryResult | undefined> {
  try {
    return await evaluation;
  } catch (cause) {
    if (cause instanceof QueryError && cause.kind !== "timeout" && cause.kind !== "canceled") return undefined;
    throw cause;
  }
}

/** Returns whether a result contains only floats, and has no warnings or infos. */
const isPlain = ({ series, warnings, infos }: QueryResult): boolean =>
  warnings.length === 0 && infos.length === 0 && series.every(({ column }) => column.histograms === undefined);

/**
 * Returns the cache key of a query: a text of all properties that affect the value at an evaluation time. The text
 * begins with the phase.
 */
function keyOf(query: ReusableQuery, text: string, { start, step }: Grid): string {
  return `${start % step} ${step} ${query.lookbackMs ?? ""} ${query.subqueryStepMs ?? ""} ${text}`;
}

/** Returns a text of all properties that affect the result of a query. Queries with equal texts have equal results. */
function identityOf(query: ReusableQuery, text: string, { start, step, count }: Grid): string {
  const range = `${start} ${step} ${count} ${"end" in query ? query.end : ""}`;
  return `${range} ${query.lookbackMs ?? ""} ${query.subqueryStepMs ?? ""} ${query.limit ?? 0} ${text} ${query.text}`;
}

/** Returns the evaluation times of a range query; undefined for an instant query. */
function gridOf(query: QueryTime): Grid | undefined {
  if ("grid" in query) return query.grid.count > 0 ? query.grid : undefined;
  if ("time" in query) return instantGrid(query.time);
  return query.step > 0 && query.end >= query.start ? rangeGrid(query.start, query.end, query.step) : undefined;
}

/**
 * Returns whether a range has whole milliseconds and can be divided into parts. A range cannot be divided if a subquery
 * has a range shorter than the step, because a sample between two evaluation times would then be in neither part.
 */
const isReusable = ({ start, step, count }: Grid, { minSubqueryMs }: InputSpan): boolean =>
  step > 0 && step <= minSubqueryMs && count <= MAX_STEPS && Number.isInteger(start) && Number.isInteger(step);

const beginsAtStep = ({ start, step }: Grid): boolean => start % step === 0;

/**
 * Adds up the statistics of the parts of a result. The peak number of samples is 0, because only a full evaluation
 * shows whether a query is cheap.
 */
function statsOf(parts: readonly QueryResult[]): QueryStats {
  const sum = (pick: (stats: QueryStats) => number): number =>
    parts.reduce((total, { stats }) => total + pick(stats), 0);
  return {
    timings: {
      evalTotalTime: sum(({ timings }) => timings.evalTotalTime),
      resultSortTime: sum(({ timings }) => timings.resultSortTime),
      queryPreparationTime: sum(({ timings }) => timings.queryPreparationTime),
      innerEvalTime: sum(({ timings }) => timings.innerEvalTime),
      execQueueTime: sum(({ timings }) => timings.execQueueTime),
      execTotalTime: sum(({ timings }) => timings.execTotalTime),
    },
    samples: {
      totalQueryableSamples: sum(({ samples }) => samples.totalQueryableSamples),
      samplesRead: sum(({ samples }) => samples.samplesRead),
      peakSamples: 0,
    },
  };
}
