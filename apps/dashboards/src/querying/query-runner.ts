import { FRAMES_MEDIA_TYPE } from "@narthex/dashboards";
import {
  type DataQuery,
  type QueryAnswer,
  runQueries,
  type Sameness,
  SharedAnswers,
  type SharedFlights,
  type RequestContext,
  type SourceOf,
  sourceReference,
} from "@narthex/datasources";
import type { MetricFamily } from "@narthex/exposition";
import type { Clock } from "@narthex/runtime";
import { type AnswerBody, encodeAnswers } from "./answer-body.ts";
import type { FaultLog } from "./fault-log.ts";

const CACHE_BYTES = 16 * 1024 * 1024;
/**
 * Maximum time in ms for which an answer is shared between requests. By default, this time is the step of the query.
 */
const MAX_FRESH_MS = 60_000;

export interface WrittenAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: AnswerBody;
  /** Tag that identifies the body (like an ETag). Empty if the body does not contain frames. */
  readonly tag: string;
}

export interface QueryRunnerOptions {
  readonly clock: Clock;
  readonly flights: SharedFlights;
  readonly faults: FaultLog;
}

/**
 * Runs the queries of requests. If many viewers send identical queries, they are run only once, and the answer is
 * encoded only once.
 */
export class QueryRunner {
  readonly #options: QueryRunnerOptions;
  readonly #written: SharedAnswers<WrittenAnswer>;

  constructor(options: QueryRunnerOptions) {
    this.#options = options;
    this.#written = new SharedAnswers(options.clock, CACHE_BYTES);
  }

  /** Returns metrics about the cache of encoded answers. */
  families(): readonly MetricFamily[] {
    const { used, bytes } = this.#written;
    return [
      family(
        "counter",
        "answers_shared_total",
        "Requests answered with text that was written for other requests.",
        used,
      ),
      family("gauge", "answers_bytes", "Memory of answers that are shared with other clients.", bytes),
    ];
  }

  /**
   * Returns the encoded answer if it is cached, otherwise a promise for it. Answers of a data source that the sender
   * may not query are never shared, so the sender cannot get another user's answer.
   * @param accepted the media types that the client accepts
   */
  answer(
    queries: readonly DataQuery[],
    accepted: string,
    signal: AbortSignal,
    context: RequestContext,
  ): WrittenAnswer | Promise<WrittenAnswer> {
    const type = accepted.includes(FRAMES_MEDIA_TYPE) ? FRAMES_MEDIA_TYPE : "application/json; charset=utf-8";
    const same = samenessOf(queries, context.sourceOf);
    if (same === undefined) return this.#runQueries(queries, type, signal, context);
    const key = `${type}\u0000${same.key}`;
    const known = this.#written.get(key);
    if (known !== undefined) return known;
    return this.#options.flights.join(`answer\u0000${key}`, signal, async (shared) => {
      const written = await this.#runQueries(queries, type, shared, context);
      const { status, body } = written;
      if (status === 200 && body.length !== undefined) this.#written.keep(key, written, body.length, same.freshMs);
      return written;
    });
  }

  async #runQueries(
    queries: readonly DataQuery[],
    type: string,
    signal: AbortSignal,
    context: RequestContext,
  ): Promise<WrittenAnswer> {
    const { faults, clock } = this.#options;
    const answers = await runQueries(queries, signal, context);
    for (const { fault } of answers.values()) if (fault !== undefined) faults.log(fault);
    const { body, tag } = await encodeAnswers(answers, type, clock);
    return { status: statusOf([...answers.values()]), type, body, tag };
  }
}

/**
 * Returns a cache key for all queries together, and the time for which their answers may be shared, which is the
 * shortest of all queries. Returns undefined if an answer must not be shared.
 */
function samenessOf(queries: readonly DataQuery[], sourceOf: SourceOf): Sameness | undefined {
  let key = "";
  let freshMs = MAX_FRESH_MS;
  for (const query of queries) {
    const same = sourceOf(sourceReference(query.source))?.sameness?.(query);
    if (same === undefined) return undefined;
    key += `${same.key}\u0001`;
    freshMs = Math.min(freshMs, same.freshMs);
  }
  return { key, freshMs };
}

/**
 * Returns the HTTP status of the whole response: 500 if an answer failed because of a bug in this program, 403 if all
 * queries are forbidden, 400 for any other failure.
 */
function statusOf(answers: readonly QueryAnswer[]): number {
  if (answers.some(({ fault }) => fault !== undefined)) return 500;
  if (answers.length > 0 && answers.every(({ status }) => status === 403)) return 403;
  return answers.some(({ error }) => error !== undefined) ? 400 : 200;
}

const family = (type: "counter" | "gauge", name: string, help: string, value: number): MetricFamily => ({
  name: `narthex_dashboards_${name}`,
  help,
  type,
  samples: [{ suffix: "", labels: [], value }],
});
