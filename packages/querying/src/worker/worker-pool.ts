import { type Clock, logOnChange, type Logger, type StateLog } from "@narthex/runtime";
import type { Grid } from "@narthex/model";
import { QueryError } from "@narthex/promql";
import type { JobProgress } from "../scheduler/active-jobs.ts";
import type { Job, JobRunner, JobOptions, JobResult } from "../scheduler/job-runner.ts";
import type { ReuseSettings } from "../evaluation/evaluator.ts";
import type { EngineLimits } from "../evaluation/limited-engine.ts";
import type { Charge, MemoryAccount } from "../evaluation/memory-account.ts";
import type { QueryRequest } from "../scheduler/query-lane.ts";
import { LONGEST_REUSABLE } from "../reuse/reusable-expression.ts";
import { workerName } from "../scheduler/thread-names.ts";
import { RetryableJobError, QueryWorker, WorkerStartError } from "./query-worker.ts";
import type { ExpressionFormat } from "../evaluation/expression-format.ts";
import type { SharedSources } from "../sources/source-handles.ts";
import { errorOf, WorkerResponse } from "./worker-response.ts";
import type { WorkerListing, WorkerQuery } from "./worker-messages.ts";

/**
 * Idle time in ms after which a thread ends and its memory is freed. The time is so long that dashboards, and costly
 * rules that run every minute, keep their threads.
 */
const IDLE_MS = 90_000;
/** Time in ms after a job's timeout or cancellation at which its thread is ended, if the job is still running. */
const GRACE_MS = 20_000;
/** Longest time in ms for parsing a text. Afterwards the thread is ended. The longest text takes about a second. */
const PARSE_MS = 20_000;
/** Interval in ms at which threads with jobs are pinged. */
const HEARTBEAT_MS = 1000;
/** Number of queries for which the pool remembers the thread that ran them. */
const MAX_KNOWN = 512;
/**
 * Largest difference in the number of jobs at which a repeated query goes to the thread that ran it before. With a
 * larger difference, it goes to the thread with fewer jobs.
 */
const MAX_JOBS_MORE = 1;
/** Largest number of threads on which a job is tried. The job fails if other jobs end all of these threads. */
const MAX_ATTEMPTS = 3;

export interface WorkerPoolOptions {
  /** Largest number of threads, without hanging ones. A thread is started when all existing threads have jobs. */
  readonly threads: number;
  readonly limits: EngineLimits;
  readonly share: () => SharedSources;
  readonly account: MemoryAccount;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly evaluationIntervalMs: () => number;
  /** Code of the threads; by default the file next to this one. */
  readonly entry?: URL | undefined;
  /** Maximum heap for the objects of a thread's jobs, MiB. */
  readonly heapMb: number;
  /** Settings for the cache of query results in each thread. */
  readonly reuse?: ReuseSettings | undefined;
  /** Runs jobs if no thread can be started. */
  readonly fallback: JobRunner;
}

/**
 * Runs jobs on worker threads. A job goes to the thread with the fewest jobs, or to the first of several such threads,
 * because its caches have most data. A repeated query goes to the thread that ran it before, unless that thread has
 * many more jobs. The jobs of a thread run concurrently, in turns of a few milliseconds; jobs in sequence would need
 * less memory, but two long jobs could delay all others for minutes. If a job hangs or crashes its thread, only that
 * job fails. The thread's other jobs run again on another thread, unless they have begun their response.
 */
export class WorkerPool implements JobRunner {
  readonly #options: WorkerPoolOptions;
  readonly #starting: StateLog;
  /** Counts the bytes of responses that threads have produced and that are not sent yet. */
  readonly #unsent: Charge;
  readonly #workers: QueryWorker[] = [];
  readonly #hung = new Set<QueryWorker>();
  readonly #idle = new Map<QueryWorker, () => void>();
  /** The thread that ran each query last. The least recently used query is first. */
  readonly #doneBy = new Map<string, QueryWorker>();
  #cancelWatch: (() => void) | undefined;
  #lastId = 0;
  #lastWorker = 0;
  #closed = false;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
    this.#unsent = options.account.charge("queries");
    this.#starting = logOnChange(options.logger, "starting a query thread (meanwhile queries run on the main thread)");
  }

  async run(job: Job, setting: JobOptions): Promise<JobResult> {
    const { clock } = this.#options;
    const until = clock.monotonic() + setting.timeoutMs;
    return this.#retry(
      () => this.#onWorker(job, { ...setting, timeoutMs: until - clock.monotonic() }),
      () => this.#options.fallback.run(job, setting),
    );
  }

  async parse(text: string, format: ExpressionFormat): Promise<string> {
    return this.#retry(
      () => this.#parseOnWorker(text, format),
      () => this.#options.fallback.parse(text, format),
    );
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelWatch?.();
    for (const cancel of this.#idle.values()) cancel();
    this.#idle.clear();
    await Promise.all(this.#workers.splice(0).map((worker) => worker.end(shutdownError())));
  }

  async #retry<T>(attempt: () => Promise<T>, fallback: () => Promise<T>): Promise<T> {
    for (let attempts = 1; ; attempts++) {
      if (this.#closed) throw shutdownError();
      try {
        const outcome = await attempt();
        this.#starting.succeeded();
        return outcome;
      } catch (cause) {
        if (cause instanceof RetryableJobError) {
          if (attempts === MAX_ATTEMPTS) throw cause.reason;
          continue;
        }
        if (!(cause instanceof WorkerStartError)) throw cause;
        if (this.#closed) throw shutdownError();
        this.#starting.failed(cause.message);
        return fallback();
      }
    }
  }

  #onWorker(job: Job, { purpose, timeoutMs, queuedMs, signal, gzip, running, placed }: JobOptions): Promise<JobResult> {
    const { clock } = this.#options;
    const worker = this.#workerFor(job);
    const id = ++this.#lastId;
    const progressSlot = worker.progress.claim();
    // Last progress of this job. Shown while the response is being sent, because the job's slot may then belong
    // to another job.
    let last: JobProgress | undefined;
    placed({ thread: worker.name, progress: () => last ?? worker.progress.read(progressSlot) });
    const response = new WorkerResponse(id, worker, this.#unsent, () => {
      cancelGrace();
      signal?.removeEventListener("abort", onAbort);
      running.delete(stop);
      last = worker.progress.read(progressSlot);
      worker.progress.release(progressSlot);
      this.#startIdleTimer(worker);
    });
    const onAbort = (): void => {
      response.cancel();
      cancelGrace();
      cancelGrace = clock.after(GRACE_MS, () => this.#endStuck(worker, id, "canceled"));
    };
    const stop = (reason: Error): void => {
      response.fail(reason);
      response.cancel();
    };
    let cancelGrace = clock.after(timeoutMs + GRACE_MS, () => this.#endStuck(worker, id, "timeout"));
    running.add(stop);
    const posted = { id, purpose, timeoutMs, gzip, progressSlot };
    if (job.kind === "list") worker.run({ kind: "list", ...posted, listing: job.listing }, response);
    else worker.run({ kind: "query", ...posted, ...this.#queryOf(job), queuedMs }, response);
    this.#watch();
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener("abort", onAbort, { once: true });
    // Ends the time limit when the result is available, because a slow client may take longer to read the result.
    const ended = (): void => cancelGrace();
    response.result.then(ended, ended);
    return response.result;
  }

  #queryOf({ request, form }: Extract<Job, { kind: "query" }>): Omit<WorkerQuery, keyof WorkerListing | "queuedMs"> {
    return {
      form,
      text: request.text,
      time: timeOf(request),
      lookbackMs: request.lookbackMs,
      limit: request.limit ?? 0,
      subqueryStepMs: this.#options.evaluationIntervalMs(),
      samplesOf: request.samplesOf,
    };
  }

  async #parseOnWorker(text: string, format: ExpressionFormat): Promise<string> {
    const worker = this.#leastBusy();
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const cancelEnd = this.#options.clock.after(PARSE_MS, () => this.#endStuck(worker, id, "timeout"));
    worker.run(
      { kind: "parse", id, format, text },
      {
        receive(message) {
          if (message.kind === "parsed") resolve(message.json);
          else if (message.kind === "failed") reject(errorOf(message));
        },
        fail: reject,
      },
    );
    this.#watch();
    try {
      return await promise;
    } finally {
      cancelEnd();
      this.#startIdleTimer(worker);
    }
  }

  /**
   * Returns the thread that ran an equal query before, because its cache probably has the result. Without such a
   * thread, returns the thread with the fewest jobs.
   */
  #workerFor(job: Job): QueryWorker {
    const key = this.#options.reuse === undefined ? undefined : reuseKeyOf(job);
    if (key === undefined) return this.#leastBusy();
    const known = this.#doneBy.get(key);
    const worker = known !== undefined && this.#isFree(known) ? this.#woken(known) : this.#leastBusy();
    this.#doneBy.delete(key);
    this.#doneBy.set(key, worker);
    if (this.#doneBy.size > MAX_KNOWN) this.#doneBy.delete(this.#doneBy.keys().next().value!);
    return worker;
  }

  /** Returns whether a thread has at most MAX_JOBS_MORE jobs more than the least busy thread, and is not blocked. */
  #isFree(worker: QueryWorker): boolean {
    if (!this.#workers.includes(worker) || this.#hung.has(worker)) return false;
    const loads = this.#workers.filter((one) => !this.#hung.has(one)).map(({ load }) => load);
    // Number of jobs of the least busy thread. The number is 0 while further threads can be started.
    const least = loads.length < this.#options.threads ? 0 : loads.reduce((a, b) => Math.min(a, b), Infinity);
    return worker.load <= least + MAX_JOBS_MORE;
  }

  #leastBusy(): QueryWorker {
    let best: QueryWorker | undefined;
    for (const worker of this.#workers) {
      if (!this.#hung.has(worker) && (best === undefined || worker.load < best.load)) best = worker;
    }
    const count = this.#workers.length - this.#hung.size;
    if (best === undefined || (best.load > 0 && count < this.#options.threads)) best = this.#start();
    return this.#woken(best);
  }

  #woken(worker: QueryWorker): QueryWorker {
    this.#idle.get(worker)?.();
    this.#idle.delete(worker);
    return worker;
  }

  #start(): QueryWorker {
    const { logger, entry = defaultEntry() } = this.#options;
    const worker = new QueryWorker(
      { ...this.#options, entry, name: workerName(++this.#lastWorker) },
      (reason, evicted) => {
        logger.error("a query thread died", { err: reason.message, doneElsewhere: evicted });
        this.#forget(worker);
      },
    );
    this.#workers.push(worker);
    return worker;
  }

  #forget(worker: QueryWorker): void {
    const at = this.#workers.indexOf(worker);
    if (at >= 0) this.#workers.splice(at, 1);
    this.#hung.delete(worker);
    this.#woken(worker);
    for (const [key, one] of this.#doneBy) if (one === worker) this.#doneBy.delete(key);
  }

  /** Starts a timer that ends a thread if it gets no jobs for IDLE_MS. */
  #startIdleTimer(worker: QueryWorker): void {
    if (worker.load > 0 || !worker.alive) return;
    this.#idle.get(worker)?.();
    const cancel = this.#options.clock.after(IDLE_MS, () => {
      this.#forget(worker);
      void worker.end(shutdownError());
    });
    this.#idle.set(worker, cancel);
  }

  /** Pings threads at intervals while there are jobs. */
  #watch(): void {
    if (this.#cancelWatch !== undefined) return;
    this.#cancelWatch = this.#options.clock.after(HEARTBEAT_MS, () => {
      this.#cancelWatch = undefined;
      if (this.#closed) return;
      for (const worker of this.#workers.slice()) this.#checkHeartbeat(worker);
      if (this.#workers.some(({ load }) => load > 0)) this.#watch();
    });
  }

  #checkHeartbeat(worker: QueryWorker): void {
    if (!worker.isHung(this.#options.clock.monotonic())) {
      this.#hung.delete(worker);
      return;
    }
    const isNew = !this.#hung.has(worker);
    this.#hung.add(worker);
    const evicted = worker.evictWaiting();
    if (worker.load === 0) {
      this.#forget(worker);
      void worker.end(shutdownError());
    }
    if (isNew)
      this.#options.logger.warn("a query blocks its thread; the other queries of the thread moved to other threads", {
        doneElsewhere: evicted,
      });
  }

  #endStuck(worker: QueryWorker, job: number, kind: "timeout" | "canceled"): void {
    this.#options.logger.error("a query did not stop in time, its thread was stopped");
    this.#forget(worker);
    const what = kind === "timeout" ? "timed out" : "was canceled";
    worker.endFor(job, new QueryError(kind, `query ${what} in expression evaluation`));
  }
}

export const shutdownError = (): QueryError =>
  new QueryError("canceled", "query was canceled: the server is shutting down");

/**
 * Returns the reuse key of a query. Queries with equal keys may have common evaluation times in their results.
 * Undefined if results cannot be reused.
 */
function reuseKeyOf(job: Job): string | undefined {
  if (job.kind !== "query" || (job.form !== "json" && job.form !== "json with stats")) return undefined;
  const { request } = job;
  if (request.text.length > LONGEST_REUSABLE) return undefined;
  const step = "step" in request ? request.step : "grid" in request ? request.grid.step : 0;
  return `${step} ${request.lookbackMs ?? ""} ${request.text}`;
}

/** Returns only the evaluation times of a query, because the thread does not need its other properties. */
function timeOf(
  request: QueryRequest,
): { time: number } | { start: number; end: number; step: number } | { grid: Grid } {
  if ("grid" in request) return { grid: request.grid };
  if ("time" in request) return { time: request.time };
  return { start: request.start, end: request.end, step: request.step };
}

const defaultEntry = (): URL =>
  new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./query-worker.js", import.meta.url);
