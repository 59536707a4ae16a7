import { type Engine, type ParserOptions, QueryError, type QueryResult } from "@narthex/promql";
import { type Clock, systemClock } from "@narthex/runtime";
import type { Queryable } from "@narthex/storage";
import { laneEngine, type LaneLimits, runQueued } from "./lane-engine.ts";
import { buffersOf, packResult } from "./packed-result.ts";
import type { AnswerFacts } from "./query-lane.ts";
import { writeQueryAnswer } from "./query-json.ts";
import { nextTurn } from "./next-turn.ts";
import { readExpression } from "./reading.ts";
import {
  PIECES_AHEAD,
  type ThreadOrder,
  type ThreadQuery,
  type ThreadReading,
  type ThreadReport,
} from "./thread-messages.ts";

export type Post = (report: ThreadReport, memory: readonly ArrayBuffer[]) => void;

/** One query on this thread, until its answer is sent. */
interface Running {
  readonly canceled: AbortController;
  /** Pieces that may be sent before one is taken. */
  room: number;
  /** Called when there is room again, or no need for it. */
  wake: (() => void) | undefined;
}

/**
 * The queries of one thread. They take turns of a few milliseconds, at the end of which orders are read, so that a
 * cancelled one ends soon and a short one is not held up by a long one.
 */
export class ThreadQueries {
  readonly #engine: Engine;
  readonly #queryable: Queryable;
  readonly #post: Post;
  readonly #parserOptions: ParserOptions;
  readonly #running = new Map<number, Running>();

  constructor(queryable: Queryable, settings: LaneLimits, post: Post, clock: Clock = systemClock) {
    this.#queryable = queryable;
    this.#post = post;
    this.#engine = laneEngine(settings, clock);
    this.#parserOptions = settings.features;
  }

  receive(order: ThreadOrder): void {
    if (order.kind === "read") {
      this.#read(order);
      return;
    }
    if (order.kind === "query") {
      void this.#run(order);
      return;
    }
    const running = this.#running.get(order.id);
    if (running === undefined) return;
    if (order.kind === "more") running.room++;
    else running.canceled.abort();
    running.wake?.();
  }

  #read({ id, text, form }: ThreadReading): void {
    try {
      this.#post({ kind: "read", id, json: readExpression(text, form, this.#parserOptions) }, []);
    } catch (error) {
      this.#post(failureReport(id, error), []);
    }
  }

  async #run(order: ThreadQuery): Promise<void> {
    const { id } = order;
    const running: Running = { canceled: new AbortController(), room: PIECES_AHEAD, wake: undefined };
    this.#running.set(id, running);
    try {
      const result = await this.#evaluate(order, running.canceled.signal);
      if (order.form === "columns") {
        const packed = packResult(result);
        this.#post({ kind: "columns", id, result: packed }, buffersOf(packed));
      } else {
        await this.#send(order, result, running);
      }
    } catch (error) {
      this.#post(failureReport(id, error), []);
    } finally {
      this.#running.delete(id);
    }
  }

  #evaluate(order: ThreadQuery, signal: AbortSignal): Promise<QueryResult> {
    const { text, time, timeoutMs, limit, subqueryStepMs, lookbackMs, samplesOf } = order;
    const request = {
      ...time,
      ...(lookbackMs === undefined ? {} : { lookbackMs }),
      text,
      timeoutMs,
      limit,
      subqueryStepMs,
      samplesOf,
      signal,
      queryable: this.#queryable,
    };
    return runQueued(this.#engine, request, order.queuedMs);
  }

  /** Sends as the other side takes; what is not sent yet is not written yet. */
  async #send({ id, form, gzip }: ThreadQuery, result: QueryResult, running: Running): Promise<void> {
    const { stats, warnings, infos } = result;
    let facts: AnswerFacts | undefined = { stats, warnings, infos };
    for (const { bytes, last, sum } of writeQueryAnswer(result, form === "json with stats", gzip)) {
      const memory = [bytes.buffer];
      if (facts === undefined) this.#post({ kind: "piece", id, bytes, last, sum }, memory);
      else this.#post({ kind: "answer", id, facts, bytes, last, sum }, memory);
      facts = undefined;
      if (last) return;
      running.room--;
      await this.#roomFor(running);
      if (running.canceled.signal.aborted) throw new QueryError("canceled", "query was canceled in query execution");
    }
  }

  /** Other queries have their turn between two pieces. */
  async #roomFor(running: Running): Promise<void> {
    await nextTurn();
    while (running.room === 0 && !running.canceled.signal.aborted) {
      await new Promise<void>((resolve) => {
        running.wake = resolve;
      });
    }
    running.wake = undefined;
  }
}

function failureReport(id: number, error: unknown): ThreadReport {
  const [errorKind, stats] = error instanceof QueryError ? [error.kind, error.stats] : [];
  return { kind: "failed", id, errorKind, message: messageOf(error, errorKind === undefined), stats };
}

/** A bug is told with the place it happened at. */
function messageOf(error: unknown, withStack: boolean): string {
  if (!(error instanceof Error)) return String(error);
  return withStack ? (error.stack ?? error.message) : error.message;
}
