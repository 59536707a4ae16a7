import { QueryError, type SampleCounts } from "@narthex/promql";
import type { Clock } from "@narthex/runtime";
import type { Queryable } from "@narthex/storage";
import { PieceMemory, transferable } from "../response/piece-memory.ts";
import type { ResponsePiece } from "../response/response-pieces.ts";
import { type EvaluatedQuery, Evaluator, type ReuseSettings } from "../evaluation/evaluator.ts";
import type { JobContext, WrittenResponse } from "../evaluation/job-context.ts";
import type { EngineLimits } from "../evaluation/limited-engine.ts";
import { MemoryAccount } from "../evaluation/memory-account.ts";
import { buffersOf, packResult } from "./packed-result.ts";
import { Heartbeat } from "./heartbeat.ts";
import {
  PIECES_AHEAD,
  type WorkerListing,
  type WorkerRequest,
  type WorkerQuery,
  type WorkerParse,
  type WorkerMessage,
} from "./worker-messages.ts";
import type { ProgressTable } from "./progress-table.ts";
import { RunQueue } from "../evaluation/run-queue.ts";

export type Post = (message: WorkerMessage, memory: readonly ArrayBuffer[]) => void;

interface Running {
  readonly canceled: AbortController;
  /** Number of pieces that the job may still send before the receiver takes another piece. */
  room: number;
  /** Resumes the job. To be called when more pieces may be sent, or when the response ends. */
  wake: (() => void) | undefined;
}

export interface WorkerContext {
  readonly queryable: Queryable;
  readonly limits: EngineLimits;
  readonly account: MemoryAccount;
  readonly heartbeat: Heartbeat;
  readonly progress: ProgressTable;
  /** Name of the thread in lists of jobs. */
  readonly name: string;
  readonly clock: Clock;
  readonly reuse?: ReuseSettings | undefined;
}

/**
 * The jobs of one thread. Jobs take turns of a few milliseconds, so a long job does not delay a short one. The thread
 * receives messages between turns, so cancellation is fast.
 */
export class WorkerJobs {
  readonly #evaluator: Evaluator;
  readonly #account: MemoryAccount;
  readonly #heartbeat: Heartbeat;
  readonly #progress: ProgressTable;
  readonly #name: string;
  readonly #post: Post;
  readonly #pieceMemory = new PieceMemory();
  readonly #turns = new RunQueue();
  readonly #running = new Map<number, Running>();

  constructor({ queryable, limits, account, heartbeat, progress, name, clock, reuse }: WorkerContext, post: Post) {
    const kept = reuse && { ...reuse, charge: account.charge("queries") };
    this.#evaluator = new Evaluator(queryable, limits, clock, kept);
    this.#account = account;
    this.#heartbeat = heartbeat;
    this.#progress = progress;
    this.#name = name;
    this.#post = post;
  }

  get isIdle(): boolean {
    return this.#running.size === 0;
  }

  /** Drops cached results that will probably not be used again. */
  shrink(): void {
    this.#evaluator.shrink();
  }

  receive(request: WorkerRequest): void {
    switch (request.kind) {
      case "ping":
        this.#heartbeat.acknowledge(request.id);
        return;
      case "parse":
        this.#parse(request);
        return;
      case "query":
      case "list":
        void this.#run(request);
        return;
    }
    if (request.kind === "more" || request.kind === "reuse") this.#pieceMemory.giveBack(request.memory);
    if (request.kind === "reuse") return;
    const running = this.#running.get(request.id);
    if (running === undefined) return;
    if (request.kind === "more") running.room++;
    else running.canceled.abort();
    running.wake?.();
  }

  #parse({ id, text, format }: WorkerParse): void {
    this.#heartbeat.beginJob(id);
    try {
      this.#post({ kind: "parsed", id, json: this.#evaluator.parse(text, format) }, []);
    } catch (error) {
      this.#post(failureMessage(id, error), []);
    }
  }

  async #run(request: WorkerQuery | WorkerListing): Promise<void> {
    const { id, purpose, timeoutMs, gzip, progressSlot } = request;
    const running: Running = { canceled: new AbortController(), room: PIECES_AHEAD, wake: undefined };
    this.#running.set(id, running);
    this.#heartbeat.beginJob(id);
    const charge = this.#account.charge(purpose);
    let counts: SampleCounts | undefined;
    const began = (own: SampleCounts): void => {
      counts = own;
    };
    const yieldTurn = async (): Promise<void> => {
      this.#progress.write(progressSlot, counts?.read ?? 0, charge.bytes);
      await this.#turns.next(purpose);
      this.#heartbeat.beginJob(id);
    };
    // Waits for this job's turn if another job's number is in the heartbeat. The turn records this job's number.
    // Otherwise the other job would be blamed if this job blocks the thread.
    const resumed = (): Promise<void> | undefined => (this.#heartbeat.currentJob === id ? undefined : yieldTurn());
    try {
      const { signal } = running.canceled;
      const pieceMemory = this.#pieceMemory;
      await this.#do(request, running, { signal, timeoutMs, charge, gzip, pieceMemory, began, yieldTurn, resumed });
    } catch (error) {
      this.#post(failureMessage(id, error), []);
    } finally {
      charge.close();
      this.#running.delete(id);
    }
  }

  async #do(request: WorkerQuery | WorkerListing, running: Running, context: JobContext): Promise<void> {
    const { id } = request;
    if (request.kind === "list") {
      await this.#send(id, await this.#evaluator.list(request.listing, context), running, context);
    } else if (request.form === "columns") {
      const packed = packResult(await this.#evaluator.evaluate(queryOf(request), request.queuedMs, context));
      this.#post({ kind: "columns", id, result: packed }, buffersOf(packed));
    } else if (request.form === "plan" || request.form === "analysis") {
      const analyze = request.form === "analysis";
      await this.#send(
        id,
        await this.#evaluator.explain(queryOf(request), analyze, this.#name, context),
        running,
        context,
      );
    } else {
      const withStats = request.form === "json with stats";
      const answer = await this.#evaluator.answer(queryOf(request), withStats, request.queuedMs, context);
      await this.#send(id, answer, running, context);
    }
  }

  /** Sends the response in pieces. Creates a piece only when the receiver can take it. */
  async #send(
    id: number,
    { annotations, pieces }: WrittenResponse,
    running: Running,
    context: JobContext,
  ): Promise<void> {
    let isFirst = true;
    const send = ({ bytes, last, sum }: ResponsePiece): void => {
      const memory = transferable([bytes.buffer]);
      if (isFirst) this.#post({ kind: "answer", id, annotations, bytes, last, sum }, memory);
      else this.#post({ kind: "piece", id, bytes, last, sum }, memory);
      isFirst = false;
    };
    for await (const piece of pieces) {
      send(piece);
      if (piece.last) return;
      running.room--;
      await this.#roomFor(running, context);
      if (running.canceled.signal.aborted) throw new QueryError("canceled", "query was canceled in query execution");
    }
  }

  /** Waits until the next piece of a response may be sent. Other jobs run in the meantime. */
  async #roomFor(running: Running, { yieldTurn }: JobContext): Promise<void> {
    await yieldTurn();
    let hasWaited = false;
    while (running.room === 0 && !running.canceled.signal.aborted) {
      hasWaited = true;
      await new Promise<void>((resolve) => {
        running.wake = resolve;
      });
    }
    running.wake = undefined;
    if (hasWaited) await yieldTurn();
  }
}

const queryOf = ({ text, time, limit, subqueryStepMs, lookbackMs, samplesOf }: WorkerQuery): EvaluatedQuery => ({
  ...time,
  ...(lookbackMs === undefined ? {} : { lookbackMs }),
  text,
  limit,
  subqueryStepMs,
  samplesOf,
});

function failureMessage(id: number, error: unknown): WorkerMessage {
  const [errorKind, stats] = error instanceof QueryError ? [error.kind, error.stats] : [];
  return { kind: "failed", id, errorKind, message: messageOf(error, errorKind === undefined), stats };
}

/** Returns the message of an error. Adds the stack if the error is a bug. */
function messageOf(error: unknown, withStack: boolean): string {
  if (!(error instanceof Error)) return String(error);
  return withStack ? (error.stack ?? error.message) : error.message;
}
