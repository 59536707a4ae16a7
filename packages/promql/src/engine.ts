import { type Grid, instantGrid, rangeGrid } from "@narthex/model";
import type { Queryable } from "@narthex/storage";
import { Annotations } from "./annotations.ts";
import { SampleBudget } from "./budget.ts";
import type { Evaluation, QueryFeatures } from "./evaluation.ts";
import { QueryError } from "./query-error.ts";
import type { QueryResult } from "./query-result.ts";
import { QuerySlots } from "./query-slots.ts";
import { runPlan } from "./run-plan.ts";
import { Selections } from "./selections.ts";
import type { Expr } from "./syntax/ast.ts";
import { parseExpression } from "./syntax/parse.ts";
import { documentedType, valueTypeOf } from "./syntax/value-type.ts";

/** The part of a clock the engine uses; `@narthex/runtime` has one. */
export interface EngineClock {
  now(): number;
  monotonic(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  after(ms: number, run: () => void): () => void;
}

export interface EngineOptions {
  readonly clock: EngineClock;
  /** Samples a query may hold at a time (`--query.max-samples`). Default 50,000,000. */
  readonly maxSamples?: number;
  /** `--query.timeout`. Default 2 minutes. */
  readonly timeoutMs?: number;
  /** `--query.lookback-delta`. Default 5 minutes. */
  readonly lookbackMs?: number;
  /** `--query.max-concurrency`. Default 20. */
  readonly maxConcurrency?: number;
  /** Step of subqueries without one: the global evaluation interval, asked anew for each query. Default 1 minute. */
  readonly defaultEvalIntervalMs?: number | (() => number);
  readonly features?: Partial<QueryFeatures>;
  /** Gives other work of the thread its turn. Default: a sleep of 0 ms. */
  readonly yieldTurn?: () => Promise<void>;
}

/** When to evaluate: at a moment, or over a range (times in ms, both ends inclusive). */
export type QueryTime =
  | { readonly grid: Grid }
  | { readonly time: number }
  | { readonly start: number; readonly end: number; readonly step: number };

export type QueryRequest = QueryTime & {
  readonly queryable: Queryable;
  /** The query as written; needed for places in messages also where `expr` is given. */
  readonly text?: string;
  readonly expr?: Expr;
  readonly lookbackMs?: number;
  /** Only ever shortens the engine's timeout. */
  readonly timeoutMs?: number;
  /** A client that hung up cancels its query. */
  readonly signal?: AbortSignal;
  /** Series to answer with; 0 = all. */
  readonly limit?: number;
};

/** A query that waits or runs. */
export interface ActiveQuery {
  readonly id: number;
  readonly text: string;
  /** ms since 1970. */
  readonly startedAt: number;
}

export interface Engine {
  readonly features: QueryFeatures;
  readonly maxConcurrency: number;
  /** Rejects with QueryError. */
  query(request: QueryRequest): Promise<QueryResult>;
  listActive(): readonly ActiveQuery[];
  /** Queries waiting for a slot. */
  readonly waiting: number;
}

const DEFAULT_FEATURES: QueryFeatures = {
  delayedNameRemoval: false,
  useStartTimestamps: false,
  typeAndUnitLabels: false,
  experimentalFunctions: false,
  extendedRangeSelectors: false,
  binopFillModifiers: false,
  durationExpressions: true,
};

/** How long evaluation may keep the thread to itself. */
const SLICE_MS = 8;

/** A PromQL engine: parses, plans and runs queries against any Queryable. */
export function createEngine(options: EngineOptions): Engine {
  const { clock, maxSamples = 50_000_000, timeoutMs = 120_000, lookbackMs = 300_000, maxConcurrency = 20 } = options;
  const features: QueryFeatures = { ...DEFAULT_FEATURES, ...options.features };
  const interval = options.defaultEvalIntervalMs ?? 60_000;
  const yieldTurn = options.yieldTurn ?? (() => clock.sleep(0));
  const slots = new QuerySlots(maxConcurrency);
  const active = new Map<number, ActiveQuery>();
  let lastId = 0;

  async function run(request: QueryRequest, expr: Expr, deadline: Deadline): Promise<QueryResult> {
    const started = clock.monotonic();
    const release = await slots.take(deadline.signal);
    const queued = clock.monotonic();
    const selections = new Selections(request.queryable);
    const annotations = new Annotations();
    const budget = new SampleBudget(maxSamples);
    const grid = gridOf(request);
    const evaluation: Evaluation = {
      grid,
      lookbackMs: request.lookbackMs ?? lookbackMs,
      subqueryStepMs: typeof interval === "number" ? interval : interval(),
      features,
      annotations,
      budget,
      claim: (claimed) => selections.claim(claimed),
      breathe: breathing(clock, deadline, yieldTurn),
    };
    try {
      deadline.stage = "query execution";
      deadline.check();
      deadline.stage = "expression evaluation";
      if (grid.count > maxSamples) budget.take(grid.count);
      const instant = !("step" in request) && !("grid" in request && request.grid.step > 0);
      const ended = await runPlan(expr, evaluation, instant, deadline.signal, clock);
      deadline.check();
      const limited = limitSeries(ended.series, request.limit ?? 0);
      const text = request.text ?? "";
      const finished = clock.monotonic();
      return {
        ...ended,
        series: limited,
        time: grid.start,
        warnings: [
          ...selections.warnings,
          ...annotations.texts("warning", text),
          ...(limited.length < ended.series.length ? ["results truncated due to limit"] : []),
        ],
        infos: annotations.texts("info", text),
        stats: {
          timings: {
            evalTotalTime: (finished - queued) / 1000,
            resultSortTime: ended.sortMs / 1000,
            queryPreparationTime: ended.planMs / 1000,
            innerEvalTime: ended.runMs / 1000,
            execQueueTime: (queued - started) / 1000,
            execTotalTime: (finished - started) / 1000,
          },
          samples: { totalQueryableSamples: budget.totalQueryable, samplesRead: budget.read, peakSamples: budget.peak },
        },
      };
    } finally {
      selections.close();
      release();
    }
  }

  return {
    features,
    maxConcurrency,
    get waiting() {
      return slots.waiting;
    },
    listActive: () => [...active.values()],
    async query(request) {
      const expr = expressionOf(request, features);
      const id = ++lastId;
      active.set(id, { id, text: request.text ?? "", startedAt: clock.now() });
      const deadline = new Deadline(clock, Math.min(request.timeoutMs ?? Infinity, timeoutMs), request.signal);
      try {
        return await run(request, expr, deadline);
      } catch (error) {
        throw deadline.translate(error);
      } finally {
        deadline.close();
        active.delete(id);
      }
    },
  };
}

function gridOf(request: QueryTime): Grid {
  if ("grid" in request) return request.grid;
  if ("time" in request) return instantGrid(request.time);
  if (request.step <= 0 || request.end < request.start) return { start: request.start, step: 1, count: 0 };
  return rangeGrid(request.start, request.end, request.step);
}

function expressionOf(request: QueryRequest, features: QueryFeatures): Expr {
  const expr = request.expr ?? parsed(request.text ?? "", features);
  const type = valueTypeOf(expr);
  const ranged = "step" in request || ("grid" in request && request.grid.step > 0);
  if (ranged && type !== "vector" && type !== "scalar") {
    const name = documentedType(type);
    throw new QueryError(
      "bad-query",
      `invalid expression type "${name}" for range query, must be Scalar or instant Vector`,
    );
  }
  return expr;
}

function parsed(text: string, features: QueryFeatures): Expr {
  const result = parseExpression(text, features);
  if (!result.ok) throw new QueryError("bad-query", result.errors[0].toString());
  return result.expr;
}

const limitSeries = <T>(series: readonly T[], limit: number): readonly T[] =>
  limit > 0 && series.length > limit ? series.slice(0, limit) : series;

/** Ends a query that takes too long or that nobody wants any more, with Prometheus' words for where it was. */
class Deadline {
  stage: "query queue" | "query execution" | "expression evaluation" = "query queue";
  readonly #controller = new AbortController();
  readonly #clock: EngineClock;
  readonly #end: number;
  readonly #cancelTimer: () => void;
  readonly #clientSignal: AbortSignal | undefined;
  readonly #onAbort = (): void => this.#controller.abort(this.#canceled());

  constructor(clock: EngineClock, timeoutMs: number, clientSignal: AbortSignal | undefined) {
    this.#clock = clock;
    this.#end = clock.monotonic() + timeoutMs;
    this.#cancelTimer = clock.after(timeoutMs, () => this.#controller.abort(this.#timedOut()));
    this.#clientSignal = clientSignal;
    if (clientSignal?.aborted === true) this.#onAbort();
    else clientSignal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  #timedOut(): QueryError {
    return new QueryError("timeout", `query timed out in ${this.stage}`);
  }

  #canceled(): QueryError {
    return new QueryError("canceled", `query was canceled in ${this.stage}`);
  }

  /** Timers do not fire while the thread computes, so this also looks at the clock. */
  check(): void {
    this.signal.throwIfAborted();
    if (this.#clock.monotonic() < this.#end) return;
    this.#controller.abort(this.#timedOut());
    this.signal.throwIfAborted();
  }

  /** An abort surfaces as whatever the interrupted party threw; the query ends with the abort's own reason. */
  translate(error: unknown): unknown {
    if (error instanceof QueryError || !this.signal.aborted) return error;
    return this.signal.reason;
  }

  close(): void {
    this.#cancelTimer();
    this.#clientSignal?.removeEventListener("abort", this.#onAbort);
  }
}

function breathing(
  clock: EngineClock,
  deadline: Deadline,
  yieldTurn: () => Promise<void>,
): () => Promise<void> | undefined {
  let sliceEnd = clock.monotonic() + SLICE_MS;
  const pause = async (): Promise<void> => {
    await yieldTurn();
    deadline.check();
    sliceEnd = clock.monotonic() + SLICE_MS;
  };
  return () => {
    deadline.check();
    return clock.monotonic() < sliceEnd ? undefined : pause();
  };
}
