import { type Clock, logOnChange, type Logger, type StateLog } from "@narthex/runtime";
import type { Grid } from "@narthex/model";
import { QueryError } from "@narthex/promql";
import type { ReadMemory, StorageShare } from "@narthex/tsdb";
import type { LaneLimits } from "./lane-engine.ts";
import type { QueryOrder } from "./query-lane.ts";
import type { Allowance, AnswerForm, Outcome, QueryRunner } from "./query-runner.ts";
import { QueryThread, ThreadNotStarted } from "./query-thread.ts";
import type { ReadingForm } from "./reading.ts";
import { failureOf, ThreadAnswer } from "./thread-answer.ts";

/** A thread without a query for so long is ended: its memory goes back to the system. */
const IDLE_MS = 5 * 60_000;
/** A query that has not ended so long after it should have takes its thread with it. */
const GRACE_MS = 20_000;

export interface ThreadPoolOptions {
  /** For the names of threads and for messages. */
  readonly name: string;
  /** Threads at most; each is started when the ones there are have queries. */
  readonly threads: number;
  readonly limits: LaneLimits;
  readonly share: () => StorageShare;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly evaluationIntervalMs: () => number;
  /** Program of the threads; default the one beside this package. */
  readonly entry?: URL | undefined;
  /** Objects of a thread's queries take this much at most, MiB. */
  readonly heapMb: number;
  /** What all threads together keep of what they read. */
  readonly memory: Required<ReadMemory>;
  /** Takes over where no thread can be started. */
  readonly otherwise: QueryRunner;
}

/**
 * Runs queries on threads. Each goes to the thread with the fewest, and to the first of several: that one's caches know
 * the most. All of a thread's queries run side by side in turns of a few milliseconds: one after the other would need
 * less memory, but two long ones could then keep all others out for minutes.
 */
export class ThreadPool implements QueryRunner {
  readonly #options: ThreadPoolOptions;
  readonly #starting: StateLog;
  readonly #threads: QueryThread[] = [];
  readonly #idle = new Map<QueryThread, () => void>();
  #lastId = 0;
  #closed = false;

  constructor(options: ThreadPoolOptions) {
    this.#options = options;
    this.#starting = logOnChange(options.logger, "starting a query thread (queries run on the main thread)");
  }

  async run(order: QueryOrder, form: AnswerForm, allowance: Allowance): Promise<Outcome> {
    if (this.#closed) throw shuttingDown();
    try {
      const outcome = await this.#onThread(order, form, allowance);
      this.#starting.worked();
      return outcome;
    } catch (cause) {
      if (!(cause instanceof ThreadNotStarted)) throw cause;
      if (this.#closed) throw shuttingDown();
      this.#starting.failed(cause.message);
      return this.#options.otherwise.run(order, form, allowance);
    }
  }

  async read(text: string, form: ReadingForm): Promise<string> {
    if (this.#closed) throw shuttingDown();
    try {
      return await this.#readOnThread(text, form);
    } catch (cause) {
      if (!(cause instanceof ThreadNotStarted) || this.#closed) throw cause;
      return this.#options.otherwise.read(text, form);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const cancel of this.#idle.values()) cancel();
    this.#idle.clear();
    await Promise.all(this.#threads.splice(0).map((thread) => thread.end(shuttingDown())));
  }

  #onThread(order: QueryOrder, form: AnswerForm, { timeoutMs, queuedMs }: Allowance): Promise<Outcome> {
    const { text, signal } = order;
    const { clock } = this.#options;
    const thread = this.#leastBusy();
    const id = ++this.#lastId;
    const answer = new ThreadAnswer(id, thread, () => {
      cancelGrace();
      signal?.removeEventListener("abort", onAbort);
      if (thread.load === 0 && thread.alive) this.#endWhenIdle(thread);
    });
    const onAbort = (): void => {
      answer.cancel();
      cancelGrace();
      cancelGrace = clock.after(GRACE_MS, () => this.#endStuck(thread, "canceled"));
    };
    let cancelGrace = clock.after(timeoutMs + GRACE_MS, () => this.#endStuck(thread, "timeout"));
    thread.run(
      {
        kind: "query",
        id,
        form,
        text,
        time: timeOf(order),
        lookbackMs: order.lookbackMs,
        timeoutMs,
        limit: order.limit ?? 0,
        gzip: order.gzip ?? false,
        subqueryStepMs: this.#options.evaluationIntervalMs(),
        samplesOf: order.samplesOf,
        queuedMs,
      },
      answer,
    );
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener("abort", onAbort, { once: true });
    // A slow client may take its time.
    const ended = (): void => cancelGrace();
    answer.outcome.then(ended, ended);
    return answer.outcome;
  }

  async #readOnThread(text: string, form: ReadingForm): Promise<string> {
    const thread = this.#leastBusy();
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    thread.run(
      { kind: "read", id: ++this.#lastId, form, text },
      {
        report(report) {
          if (report.kind === "read") resolve(report.json);
          else if (report.kind === "failed") reject(failureOf(report));
        },
        lost: reject,
      },
    );
    try {
      return await promise;
    } finally {
      if (thread.load === 0 && thread.alive) this.#endWhenIdle(thread);
    }
  }

  #leastBusy(): QueryThread {
    let best: QueryThread | undefined;
    for (const thread of this.#threads) if (best === undefined || thread.load < best.load) best = thread;
    if (best === undefined || (best.load > 0 && this.#threads.length < this.#options.threads)) best = this.#start();
    this.#idle.get(best)?.();
    this.#idle.delete(best);
    return best;
  }

  #start(): QueryThread {
    const { name, logger, entry = defaultEntry() } = this.#options;
    const thread = new QueryThread({ ...this.#options, entry, memory: this.#memoryOfOne() }, (reason) => {
      logger.error("a query thread died, its queries were ended", { lane: name, err: reason.message });
      this.#forget(thread);
    });
    this.#threads.push(thread);
    return thread;
  }

  #memoryOfOne(): ReadMemory {
    const { memory, threads } = this.#options;
    return {
      pageBytes: memory.pageBytes / threads,
      selectionBytes: memory.selectionBytes / threads,
      decodedBytes: memory.decodedBytes / threads,
    };
  }

  #forget(thread: QueryThread): void {
    const at = this.#threads.indexOf(thread);
    if (at >= 0) this.#threads.splice(at, 1);
    this.#idle.get(thread)?.();
    this.#idle.delete(thread);
  }

  #endWhenIdle(thread: QueryThread): void {
    this.#idle.get(thread)?.();
    const cancel = this.#options.clock.after(IDLE_MS, () => {
      this.#forget(thread);
      void thread.end(shuttingDown());
    });
    this.#idle.set(thread, cancel);
  }

  #endStuck(thread: QueryThread, kind: "timeout" | "canceled"): void {
    this.#options.logger.error("a query did not end in time, its thread was ended", { lane: this.#options.name });
    this.#forget(thread);
    const what = kind === "timeout" ? "timed out" : "was canceled";
    void thread.end(new QueryError(kind, `query ${what} in expression evaluation`));
  }
}

const shuttingDown = (): QueryError => new QueryError("canceled", "query was canceled: the server is shutting down");

/** Only what is to be posted. */
function timeOf(order: QueryOrder): { time: number } | { start: number; end: number; step: number } | { grid: Grid } {
  if ("grid" in order) return { grid: order.grid };
  if ("time" in order) return { time: order.time };
  return { start: order.start, end: order.end, step: order.step };
}

const defaultEntry = (): URL =>
  new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./query-worker.js", import.meta.url);
