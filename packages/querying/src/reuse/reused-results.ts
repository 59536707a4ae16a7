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

/** Expressions whose analysis is kept. */
const KNOWN_EXPRESSIONS = 256;
/** Steps of a query of which nothing is kept: the API gives no one so many. */
const MOST_STEPS = 50_000;
/** A result of which less would be reused is evaluated at once. */
const LEAST_SHARE = 1 / 2;
/** A result that may hold more than this of the samples that are allowed is not kept: what is added to it would be too many. */
const MOST_SAMPLES_SHARE = 3 / 4;
/** Queries whose last starts are remembered. */
const KNOWN_QUERIES = 512;
/** Starts of one of them: of those who look at the same panel, each may have its own. */
const KNOWN_PHASES = 8;

/** A thread that has nothing to do keeps what was asked for within so long, ms: it is refreshed, probably. */
const REFRESHED_MS = 60_000;

/** What is to be evaluated. */
export type ReusableQuery = QueryTime &
  Pick<EngineRequest, "text" | "expr" | "lookbackMs" | "subqueryStepMs" | "limit" | "samplesOf">;

/** What the job has that wants a result. */
export interface ReuseContext {
  readonly signal: AbortSignal;
  /** When its time is over, on the monotonic clock. */
  readonly until: number;
  readonly charge: MemoryCharge;
  readonly yieldTurn: () => Promise<void>;
}

/** Evaluates a query, or a part of one, within so many ms. */
type Evaluate = (query: ReusableQuery, timeoutMs: number) => Promise<QueryResult>;

export interface ReuseOptions {
  readonly queryable: Queryable;
  readonly features: QueryFeatures;
  /** Samples a query may hold at a time. */
  readonly maxSamples: number;
  /** Of queries that name none. */
  readonly lookbackMs: number;
  readonly clock: Clock;
  /** Memory for results, which `charge` counts. */
  readonly maxBytes: number;
  readonly charge: MemoryCharge;
  readonly counters: ReuseCounters;
}

/** An evaluation under way. */
interface Flight {
  /** Of the storage, before it began. */
  readonly version: number;
  /** Resolves to undefined where it fails. */
  readonly result: Promise<QueryResult | undefined>;
}

/** A range query whose steps do not depend on each other. */
interface RangeQuery {
  readonly query: ReusableQuery;
  readonly grid: Grid;
  /** Queries of one key have results for the same steps, save those outside their ranges. */
  readonly key: string;
  readonly span: InputSpan;
}

/** The stretch of a kept result that still holds and is asked for. */
interface Stretch {
  readonly kept: KeptResult;
  readonly start: number;
  readonly count: number;
}

/**
 * Spares a thread what it has evaluated before. Results of range queries are kept: when the same expression is asked for
 * with the same steps, only steps are evaluated that are new, or before whose input the storage says that nothing has
 * changed no longer. A query that is asked for again while it is evaluated waits for that result. Answers are those of an
 * evaluation, to the last bit; where that is not certain there is one.
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
  /** By key without its phase: the phases asked for last. Clients that begin anywhere never ask for the same steps. */
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

  /** Gives up what is not asked for as often as dashboards do. */
  shrink(): void {
    this.#cache.dropIdle(REFRESHED_MS);
  }

  /** The result of the query, by `evaluate` as far as it is not known. */
  async evaluate(query: ReusableQuery, context: ReuseContext, evaluate: Evaluate): Promise<QueryResult> {
    const { invalidations } = this.#queryable;
    // Statistics tell of an evaluation.
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
    // A step needs nothing newer than itself; of other queries that is not known.
    const newestInput = span === undefined ? Infinity : gridEnd(grid) - span.delayMs;
    for (;;) {
      const flight = this.#flights.get(id);
      if (flight === undefined) break;
      const unchangedBefore = invalidations.unchangedBefore(flight.version);
      const isSame = unchangedBefore > newestInput || unchangedBefore === Infinity;
      // What is kept of it will spare most of an evaluation.
      if (!isSame && (range === undefined || !beginsAtStep(grid))) break;
      const result = await this.#wait(flight, context);
      if (isSame && result !== undefined) return this.#shared(result, context);
    }
    return this.#fly(id, invalidations, () =>
      range === undefined ? rest(query) : this.#evaluateRange(range, invalidations, context, rest),
    );
  }

  /** Evaluates, and lets others wait for the result meanwhile. */
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

  /** The result of an evaluation under way; undefined where it fails. Ends when this job does. */
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

  /** The result of another job, which this one holds from now on, too. */
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
    // Behind the version: where blocks change from here on, what is kept no longer holds.
    if (grid.start - span.reachMs - (query.lookbackMs ?? this.#lookbackMs) < (invalidations.sampledSince ?? -Infinity))
      // Of aggregates a step is given others by a query of another range.
      return evaluate(query);
    const stretch = this.#stretchOf(range, invalidations);
    if (stretch !== undefined) {
      const { kept, start, count } = stretch;
      const joined = await this.#complete(range, stretch, context, evaluate);
      const end = start + grid.step * (count - 1);
      // What was evaluated may have seen a change of what was kept, or other servers that have come.
      if (joined !== undefined && this.#isOf(invalidations) && invalidations.unchangedBefore(version) + delay > end) {
        this.#counters.countSteps(count, grid.count - count);
        // What is kept may be of a longer range.
        if (count < grid.count) await this.#keep(range, version, joined, context);
        // The sum of what parts hold grows with each of them, though the range only moves: an evaluation tells it anew.
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

  /** The longest stretch of what is kept that is asked for, if it is worth while. */
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

  #isFarFromLimit({ mostSamples }: QueryResult): boolean {
    return mostSamples <= this.#maxSamples * MOST_SAMPLES_SHARE;
  }

  /** Keeps a copy, where it can be made before the query's time is over: the result is there in any case. */
  async #keep({ grid, key }: RangeQuery, version: number, result: QueryResult, context: ReuseContext): Promise<void> {
    if (!this.#isFarFromLimit(result)) return;
    const { series, mostSamples } = result;
    const deadline = this.#deadline(context);
    try {
      const pause = eventLoopYielder(this.#clock, deadline, context.yieldTurn);
      await this.#cache.put(key, { version, grid, series, mostSamples }, pause);
    } catch (cause) {
      // The query's time, or memory for an array.
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

  /** Do queries still read what these invalidations tell of, and nothing else? */
  #isOf(invalidations: Invalidations): boolean {
    return this.#queryable.invalidations === invalidations;
  }

  /** Evaluates what a kept result lacks; undefined where that cannot be joined to it. */
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
    const mostSamples = results.reduce((sum, result) => sum + result.mostSamples, kept.mostSamples);
    // Evaluated at once it may hold too many.
    if (mostSamples > this.#maxSamples) return undefined;
    const stats = statsOf(results);
    const whole = { type: "matrix", text: "", time: grid.start, warnings: [], infos: [], stats, mostSamples } as const;
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

  /** Will the same steps be asked for again? Those of a dashboard begin at multiples of the step, or as they did before. */
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

/** The part of a kept result that is asked for and whose steps are before `end`, if it is worth while. */
function stretchOf(kept: KeptResult, grid: Grid, end: number): Stretch | undefined {
  const { step } = grid;
  const start = Math.max(kept.grid.start, grid.start);
  const beyond = Math.min(gridEnd(kept.grid) + step, gridEnd(grid) + step, end);
  const count = Math.ceil((beyond - start) / step);
  return count > 0 && count >= grid.count * LEAST_SHARE ? { kept, start, count } : undefined;
}

/** undefined where the query is refused: an evaluation of all steps says it in its own words. */
async function unlessMistaken(evaluation: Promise<QueryResult>): Promise<QueryResult | undefined> {
  try {
    return await evaluation;
  } catch (cause) {
    if (cause instanceof QueryError && cause.kind !== "timeout" && cause.kind !== "canceled") return undefined;
    throw cause;
  }
}

/** Floats alone, of which there is nothing to be said. */
const isPlain = ({ series, warnings, infos }: QueryResult): boolean =>
  warnings.length === 0 && infos.length === 0 && series.every(({ column }) => column.histograms === undefined);

/** What bears on the value of a step; the phase of the steps first. */
function keyOf(query: ReusableQuery, text: string, { start, step }: Grid): string {
  return `${start % step} ${step} ${query.lookbackMs ?? ""} ${query.subqueryStepMs ?? ""} ${text}`;
}

/** What bears on a result. */
function identityOf(query: ReusableQuery, text: string, { start, step, count }: Grid): string {
  const range = `${start} ${step} ${count} ${"end" in query ? query.end : ""}`;
  return `${range} ${query.lookbackMs ?? ""} ${query.subqueryStepMs ?? ""} ${query.limit ?? 0} ${text} ${query.text}`;
}

/** undefined where there is no step. */
function gridOf(query: QueryTime): Grid | undefined {
  if ("grid" in query) return query.grid.count > 0 ? query.grid : undefined;
  if ("time" in query) return instantGrid(query.time);
  return query.step > 0 && query.end >= query.start ? rangeGrid(query.start, query.end, query.step) : undefined;
}

/**
 * Is it a range of whole milliseconds, whose parts together hold what it does? Between two steps subqueries have others
 * of their own where their range is shorter, which belong to neither part.
 */
const isReusable = ({ start, step, count }: Grid, { leastSubqueryMs }: InputSpan): boolean =>
  step > 0 && step <= leastSubqueryMs && count <= MOST_STEPS && Number.isInteger(start) && Number.isInteger(step);

const beginsAtStep = ({ start, step }: Grid): boolean => start % step === 0;

/** What parts took together. No peak: only an evaluation of all of it tells whether a query is cheap. */
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
