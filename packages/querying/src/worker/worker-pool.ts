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

/** A thread without a job for so long is ended: its memory goes back to the system. Dashboards and costly rules of every minute keep theirs. */
const IDLE_MS = 90_000;
/** A job that has not ended so long after it should have takes its thread with it. */
const GRACE_MS = 20_000;
/** Parsing the longest text takes about a second; a thread that does not finish in this time is ended. */
const PARSE_MS = 20_000;
/** How often threads that have jobs are asked for their heartbeat. */
const HEARTBEAT_MS = 1000;
/** Queries whose thread is remembered. */
const MOST_KNOWN = 512;
/** So many jobs more than another a thread may have, and is still given what it did before. */
const MOST_JOBS_MORE = 1;
/** Threads that a job is tried on: those before were lost to other jobs. */
const MAX_ATTEMPTS = 3;

export interface WorkerPoolOptions {
  /** Threads at most, those aside that hang; each is started when the ones there are have jobs. */
  readonly threads: number;
  readonly limits: EngineLimits;
  readonly share: () => SharedSources;
  readonly account: MemoryAccount;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly evaluationIntervalMs: () => number;
  /** Program of the threads; default the one beside this package. */
  readonly entry?: URL | undefined;
  /** Objects of a thread's jobs take this much at most, MiB. */
  readonly heapMb: number;
  /** What each thread uses again. */
  readonly reuse?: ReuseSettings | undefined;
  /** Takes over where no thread can be started. */
  readonly fallback: JobRunner;
}

/**
 * Does jobs on threads. Each goes to the thread with the fewest, and to the first of several: that one's caches know the
 * most; a query that was asked before goes where it was done, unless that thread has much more to do than another. All of a thread's jobs are done side by side in turns of a few milliseconds: one after the other would need less
 * memory, but two long ones could then keep all others out for minutes. A job that hangs, or takes its thread with it,
 * is ended alone: those beside it are done again on another thread, unless they have begun to answer.
 */
export class WorkerPool implements JobRunner {
  readonly #options: WorkerPoolOptions;
  readonly #starting: StateLog;
  /** Bytes of answers that threads have sent and that have not left the process. */
  readonly #unsent: Charge;
  readonly #workers: QueryWorker[] = [];
  readonly #hung = new Set<QueryWorker>();
  readonly #idle = new Map<QueryWorker, () => void>();
  /** By query, the thread that did it last; the one asked for longest ago first. */
  readonly #doneBy = new Map<string, QueryWorker>();
  #cancelWatch: (() => void) | undefined;
  #lastId = 0;
  #lastWorker = 0;
  #closed = false;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
    this.#unsent = options.account.charge("queries");
    this.#starting = logOnChange(options.logger, "starting a query thread (queries run on the main thread)");
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
        this.#starting.worked();
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
    // Once its slot is another job's, while its answer is still listed.
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
    // A slow client may take its time.
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

  /** The thread that may have the result of such a query, or one that is at it. */
  #workerFor(job: Job): QueryWorker {
    const key = this.#options.reuse === undefined ? undefined : reuseKeyOf(job);
    if (key === undefined) return this.#leastBusy();
    const known = this.#doneBy.get(key);
    const worker = known !== undefined && this.#isFree(known) ? this.#woken(known) : this.#leastBusy();
    this.#doneBy.delete(key);
    this.#doneBy.set(key, worker);
    if (this.#doneBy.size > MOST_KNOWN) this.#doneBy.delete(this.#doneBy.keys().next().value!);
    return worker;
  }

  /** Is the thread one of those that others would be given, with not many jobs more than they have? */
  #isFree(worker: QueryWorker): boolean {
    if (!this.#workers.includes(worker) || this.#hung.has(worker)) return false;
    const loads = this.#workers.filter((one) => !this.#hung.has(one)).map(({ load }) => load);
    // A thread that is not started yet has nothing to do.
    const least = loads.length < this.#options.threads ? 0 : loads.reduce((a, b) => Math.min(a, b), Infinity);
    return worker.load <= least + MOST_JOBS_MORE;
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

  /** A thread without jobs waits for the next one for a while. */
  #startIdleTimer(worker: QueryWorker): void {
    if (worker.load > 0 || !worker.alive) return;
    this.#idle.get(worker)?.();
    const cancel = this.#options.clock.after(IDLE_MS, () => {
      this.#forget(worker);
      void worker.end(shutdownError());
    });
    this.#idle.set(worker, cancel);
  }

  /** As long as there are jobs, threads are asked for their heartbeat. */
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
    if (isNew) this.#options.logger.warn("a query keeps its thread to itself", { doneElsewhere: evicted });
  }

  #endStuck(worker: QueryWorker, job: number, kind: "timeout" | "canceled"): void {
    this.#options.logger.error("a query did not end in time, its thread was ended");
    this.#forget(worker);
    const what = kind === "timeout" ? "timed out" : "was canceled";
    worker.endFor(job, new QueryError(kind, `query ${what} in expression evaluation`));
  }
}

export const shutdownError = (): QueryError =>
  new QueryError("canceled", "query was canceled: the server is shutting down");

/** The same of queries whose results may have steps in common. */
function reuseKeyOf(job: Job): string | undefined {
  if (job.kind !== "query" || (job.form !== "json" && job.form !== "json with stats")) return undefined;
  const { request } = job;
  if (request.text.length > LONGEST_REUSABLE) return undefined;
  const step = "step" in request ? request.step : "grid" in request ? request.grid.step : 0;
  return `${step} ${request.lookbackMs ?? ""} ${request.text}`;
}

/** Only what is to be posted. */
function timeOf(
  request: QueryRequest,
): { time: number } | { start: number; end: number; step: number } | { grid: Grid } {
  if ("grid" in request) return { grid: request.grid };
  if ("time" in request) return { time: request.time };
  return { start: request.start, end: request.end, step: request.step };
}

const defaultEntry = (): URL =>
  new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./query-worker.js", import.meta.url);
