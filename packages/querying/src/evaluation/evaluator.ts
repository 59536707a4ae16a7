import type { Engine, EngineRequest, MemoryCharge, ParserOptions, QueryResult } from "@narthex/promql";
import type { Clock } from "@narthex/runtime";
import type { Queryable } from "@narthex/storage";
import type { JobContext, WrittenResponse } from "./job-context.ts";
import { createLimitedEngine, type EngineLimits, runWithQueueTime } from "./limited-engine.ts";
import type { Listing } from "../listing/listing.ts";
import { writeListing } from "../listing/write-listing.ts";
import { writeMetricUsage } from "../metric-usage/write-metric-usage.ts";
import { writeRemoteRead } from "../remote-read/answer/write-remote-read.ts";
import { writeExplanation } from "../response/explanation-json.ts";
import { writeQueryAnswer } from "../response/query-json.ts";
import { ReuseCounters } from "../reuse/reuse-counters.ts";
import { type ReusableQuery, ReusedResults } from "../reuse/reused-results.ts";
import { selectionsInTurns } from "./selections-in-turns.ts";
import { formatExpression, type ExpressionFormat } from "./expression-format.ts";

export type EvaluatedQuery = ReusableQuery;

/** Settings for caching query results. The object can be posted to another thread. */
export interface ReuseSettings {
  /** Maximum memory for cached results, bytes. 0 disables the cache. */
  readonly maxBytes: number;
  readonly counters: SharedArrayBuffer;
}

/** Evaluates queries and makes listings of stored data, on the calling thread. */
export class Evaluator {
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #queryable: Queryable;
  readonly #parserOptions: ParserOptions;
  readonly #reused: ReusedResults | undefined;

  /** @param reuse settings for caching results; without them every query is evaluated */
  constructor(
    queryable: Queryable,
    limits: EngineLimits,
    clock: Clock,
    reuse?: ReuseSettings & { readonly charge: MemoryCharge },
  ) {
    this.#engine = createLimitedEngine(limits, clock);
    this.#clock = clock;
    this.#queryable = queryable;
    this.#parserOptions = limits.features;
    if (reuse === undefined || reuse.maxBytes === 0) return;
    const counters = new ReuseCounters(reuse.counters);
    this.#reused = new ReusedResults({ ...reuse, ...limits, maxBytes: reuse.maxBytes, queryable, clock, counters });
  }

  /** Drops cached results that will probably not be used again. */
  shrink(): void {
    this.#reused?.shrink();
  }

  evaluate(query: EvaluatedQuery, queuedMs: number, context: JobContext): Promise<QueryResult> {
    return runWithQueueTime(this.#engine, this.#requestOf(query, context), queuedMs);
  }

  async answer(
    query: EvaluatedQuery,
    withStats: boolean,
    queuedMs: number,
    context: JobContext,
  ): Promise<WrittenResponse> {
    const reused = this.#reused;
    const until = this.#clock.monotonic() + context.timeoutMs;
    let waited = queuedMs;
    const result =
      reused === undefined
        ? await this.evaluate(query, queuedMs, context)
        : await reused.evaluate(query, { ...context, until }, (part, timeoutMs) => {
            // Reports the time in the queue only for the first evaluated part of the query.
            const partQueued = waited;
            waited = 0;
            return this.evaluate(part, partQueued, { ...context, timeoutMs });
          });
    const { stats, warnings, infos, omitted } = result;
    return { annotations: { stats, warnings, infos, omitted }, pieces: writeQueryAnswer(result, withStats, context) };
  }

  /** Explains how a query is evaluated. With `analyze` it also runs the query. */
  async explain(
    query: EvaluatedQuery,
    analyze: boolean,
    thread: string,
    context: JobContext,
  ): Promise<WrittenResponse> {
    const explanation = await this.#engine.explain(this.#requestOf(query, context), analyze);
    const { warnings = [], infos = [], omitted } = explanation.result ?? {};
    const pieces = writeExplanation(explanation, { text: query.text ?? "", thread }, context);
    return { annotations: { warnings, infos, omitted }, pieces };
  }

  list(listing: Listing, context: JobContext): Promise<WrittenResponse> {
    const queryable = this.#queryableFor(context);
    if (listing.kind === "remote read") return writeRemoteRead(listing, queryable, context, this.#clock);
    if (listing.kind === "metric usage")
      return writeMetricUsage(listing, queryable, context, this.#clock, this.#parserOptions);
    return writeListing(listing, queryable, context, this.#clock);
  }

  #requestOf(query: EvaluatedQuery, context: JobContext): EngineRequest {
    const { signal, timeoutMs, charge: memory, began, yieldTurn } = context;
    return { ...query, signal, timeoutMs, memory, began, yieldTurn, queryable: this.#queryableFor(context) };
  }

  #queryableFor({ resumed }: JobContext): Queryable {
    return resumed === undefined ? this.#queryable : selectionsInTurns(this.#queryable, resumed);
  }

  parse(text: string, format: ExpressionFormat): string {
    return formatExpression(text, format, this.#parserOptions);
  }
}
