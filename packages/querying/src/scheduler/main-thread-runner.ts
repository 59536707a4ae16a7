import { QueryError, type SampleCounts } from "@narthex/promql";
import type { Clock } from "@narthex/runtime";
import type { Queryable } from "@narthex/storage";
import { PieceMemory } from "../response/piece-memory.ts";
import type { ResponsePiece } from "../response/response-pieces.ts";
import { Evaluator, type ReuseSettings } from "../evaluation/evaluator.ts";
import type { JobContext, WrittenResponse } from "../evaluation/job-context.ts";
import { gzipEnd } from "../response/gzip-pieces.ts";
import type { Job, JobRunner, JobOptions, JobResult } from "./job-runner.ts";
import type { EngineLimits } from "../evaluation/limited-engine.ts";
import type { MemoryAccount } from "../evaluation/memory-account.ts";
import type { StreamedResponse } from "./query-lane.ts";
import type { ExpressionFormat } from "../evaluation/expression-format.ts";
import { RunQueue } from "../evaluation/run-queue.ts";
import { MAIN_THREAD } from "./thread-names.ts";

/** Error that a job has not finished within the allowed number of turns of the main thread's event loop. */
export class TurnLimitError extends QueryError {
  constructor() {
    super("execution", "the query needs more turns than allowed");
  }
}

/** Runs jobs on the main thread, between its other work. */
export class MainThreadRunner implements JobRunner {
  readonly #evaluator: Evaluator;
  readonly #account: MemoryAccount;
  readonly #evaluationIntervalMs: () => number;
  readonly #pieceMemory: PieceMemory;
  readonly #turns = new RunQueue();

  constructor(
    storage: Queryable,
    limits: EngineLimits,
    account: MemoryAccount,
    evaluationIntervalMs: () => number,
    clock: Clock,
    pieceMemory = new PieceMemory(),
    reuse?: ReuseSettings,
  ) {
    this.#pieceMemory = pieceMemory;
    this.#evaluator = new Evaluator(storage, limits, clock, reuse && { ...reuse, charge: account.charge("queries") });
    this.#account = account;
    this.#evaluationIntervalMs = evaluationIntervalMs;
  }

  /**
   * Runs a job. Rejects with TurnLimitError if it has not finished after `maxTurns` turns of the event loop. Writing
   * its response may take more turns.
   */
  async run(
    job: Job,
    { purpose, queuedMs, timeoutMs, signal, gzip, running, placed }: JobOptions,
    maxTurns = Infinity,
  ): Promise<JobResult> {
    const charge = this.#account.charge(purpose);
    const canceled = new AbortController();
    let reason: Error | undefined;
    const cancel = (): void => canceled.abort();
    const stop = (why: Error): void => {
      reason = why;
      cancel();
    };
    const ended = (): void => {
      charge.close();
      running.delete(stop);
      signal?.removeEventListener("abort", cancel);
    };
    running.add(stop);
    if (signal?.aborted === true) cancel();
    else signal?.addEventListener("abort", cancel, { once: true });
    let left = maxTurns;
    const yieldTurn = (): Promise<void> =>
      --left > 0 ? this.#turns.next(purpose) : Promise.reject(new TurnLimitError());
    let counts: SampleCounts | undefined;
    placed({ thread: MAIN_THREAD, progress: () => ({ samples: counts?.read ?? 0, bytes: charge.bytes }) });
    const began = (own: SampleCounts): void => {
      counts = own;
    };
    const pieceMemory = this.#pieceMemory;
    const context: JobContext = { signal: canceled.signal, timeoutMs, charge, gzip, pieceMemory, began, yieldTurn };
    try {
      const outcome = await this.#do(job, queuedMs, context);
      if ("result" in outcome) {
        ended();
        return outcome;
      }
      left = Infinity;
      return { answer: await taken(outcome, context, ended) };
    } catch (error) {
      ended();
      throw reason ?? error;
    }
  }

  async #do(
    job: Job,
    queuedMs: number,
    context: JobContext,
  ): Promise<Extract<JobResult, { result: unknown }> | WrittenResponse> {
    if (job.kind === "list") return this.#evaluator.list(job.listing, context);
    const { signal: _, timeoutMs: _timeout, gzip: _gzip, origin: _origin, ...request } = job.request;
    const query = { ...request, subqueryStepMs: this.#evaluationIntervalMs() };
    if (job.form === "columns") return { result: await this.#evaluator.evaluate(query, queuedMs, context) };
    if (job.form === "plan" || job.form === "analysis")
      return this.#evaluator.explain(query, job.form === "analysis", MAIN_THREAD, context);
    return this.#evaluator.answer(query, job.form === "json with stats", queuedMs, context);
  }

  parse(text: string, format: ExpressionFormat): Promise<string> {
    return new Promise((resolve) => resolve(this.#evaluator.parse(text, format)));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Returns the response of a job. Each piece is written when the reader asks for it. */
async function taken(
  { annotations, pieces }: WrittenResponse,
  context: JobContext,
  ended: () => void,
): Promise<StreamedResponse> {
  const iterator = Symbol.asyncIterator in pieces ? pieces[Symbol.asyncIterator]() : pieces[Symbol.iterator]();
  let piece = (await iterator.next()).value as ResponsePiece;
  const { bytes, last } = piece;
  /** Shared memory of sent pieces. A piece's memory can be reused when the piece is not read any more. */
  const lent: SharedArrayBuffer[] = [];
  let isReleased = false;
  const lend = ({ buffer }: Uint8Array): void => {
    if (!(buffer instanceof SharedArrayBuffer)) return;
    if (isReleased) context.pieceMemory.giveBack([buffer]);
    else lent.push(buffer);
  };
  lend(bytes);
  async function* rest(): AsyncGenerator<Uint8Array> {
    try {
      while (!piece.last) {
        await context.yieldTurn();
        if (context.signal.aborted) throw new QueryError("canceled", "query was canceled in query execution");
        const next = await iterator.next();
        // Ends the generator if the reader has stopped reading.
        if (next.done === true) return;
        piece = next.value;
        lend(piece.bytes);
        // Ends the generator if the response was released while the piece was written.
        if (isReleased) return;
        yield piece.bytes;
      }
    } finally {
      await iterator.return?.();
    }
  }
  if (last) await iterator.return?.();
  return {
    ...annotations,
    first: bytes,
    rest: last ? undefined : rest(),
    gzip: piece.sum !== undefined,
    end: (tail) => (piece.sum === undefined ? Buffer.from(tail) : gzipEnd(Buffer.from(tail), piece.sum)),
    release() {
      isReleased = true;
      ended();
      context.pieceMemory.giveBack(lent.splice(0));
      // Ends the iterator, so that the storage is closed. If the reader stops before the second piece, the iterator has
      // never started and cannot end by itself.
      void iterator.return?.();
    },
  };
}
