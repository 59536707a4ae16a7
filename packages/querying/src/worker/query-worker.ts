import { Worker } from "node:worker_threads";
import { QueryError } from "@narthex/promql";
import type { ReuseSettings } from "../evaluation/evaluator.ts";
import type { EngineLimits } from "../evaluation/limited-engine.ts";
import type { MemoryAccount } from "../evaluation/memory-account.ts";
import { Heartbeat } from "./heartbeat.ts";
import { ProgressTable } from "./progress-table.ts";
import type { SharedSources } from "../sources/source-handles.ts";
import type { JobMessage, WorkerJob, WorkerRequest, WorkerMessage, WorkerSettings } from "./worker-messages.ts";

/**
 * Size in MB of the heap for new objects (V8's young generation). A query thread creates mostly short-lived objects, so
 * a small heap for new objects keeps the memory of the thread small.
 */
const NURSERY_MB = 8;
/** Time in ms without an answer to a ping after which a thread counts as hanging because of a job. */
const HUNG_MS = 3000;

export interface QueryWorkerOptions {
  /** File with the thread's code. */
  readonly entry: URL;
  readonly name: string;
  readonly share: () => SharedSources;
  readonly account: MemoryAccount;
  readonly limits: EngineLimits;
  /** Maximum heap for the objects of the thread's jobs, MiB. */
  readonly heapMb: number;
  readonly reuse?: ReuseSettings | undefined;
}

export interface JobListener {
  receive(message: JobMessage): void;
  /** Callback when the thread has ended, or when the job was removed from the thread. */
  fail(reason: Error): void;
}

/** Error that a worker thread could not be started. Its jobs have not begun. */
export class WorkerStartError extends Error {
  override readonly name = "WorkerStartError";
}

/**
 * Error that another job has crashed or blocked the worker thread before this job began its response. This job can run
 * on another thread.
 */
export class RetryableJobError extends Error {
  override readonly name = "RetryableJobError";
  /** Error for the client, used if the job cannot run on another thread. */
  readonly reason: Error;

  constructor(reason: Error) {
    super(reason.message);
    this.reason = reason;
  }
}

interface Held {
  readonly listener: JobListener;
  answers: boolean;
}

/** Handle of a worker thread, used on the main thread. Keeps the process alive only while the thread has jobs. */
export class QueryWorker {
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  readonly #jobs = new Map<number, Held>();
  readonly #heapMb: number;
  readonly #heartbeat = new Heartbeat();
  /** Name of the thread in lists of jobs. */
  readonly name: string;
  readonly progress = new ProgressTable();
  #ping = 0;
  #pingedAt = 0;
  #ready = false;
  #dead = false;
  #ending = false;
  #reason: Error | undefined;

  /** @param died called if the thread ends without a request */
  constructor(
    { entry, name, share, account, limits, heapMb, reuse }: QueryWorkerOptions,
    died: (reason: Error, evicted: number) => void,
  ) {
    const shared = share();
    const memory = account.share();
    this.#heapMb = heapMb;
    this.name = name;
    try {
      const data: WorkerSettings = {
        ...limits,
        sources: shared.handles,
        account: memory.handles,
        heartbeat: this.#heartbeat.buffer,
        progress: this.progress.buffer,
        name,
        reuse,
      };
      const resourceLimits = { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: NURSERY_MB };
      const transferList = [...(shared.transfer ?? [])];
      this.#worker = new Worker(entry, { name, workerData: data, resourceLimits, transferList });
    } catch (cause) {
      shared.release();
      memory.release();
      throw new WorkerStartError(cause instanceof Error ? cause.message : String(cause));
    }
    this.#worker.unref();
    this.#worker.on("message", (message: WorkerMessage) => this.#take(message));
    this.#worker.on("error", (cause: NodeJS.ErrnoException) => {
      this.#reason ??= cause.code === "ERR_WORKER_OUT_OF_MEMORY" ? this.#outOfMemory() : crashed(cause.message);
    });
    this.#exited = new Promise((resolve) => {
      this.#worker.once("exit", () => {
        this.#dead = true;
        shared.release();
        memory.release();
        const reason = this.#reason ?? crashed("it ended by itself");
        const jobs = [...this.#jobs];
        this.#jobs.clear();
        const { currentJob: current } = this.#heartbeat;
        const lost = jobs.map(([id, held]) => ({ ...held, reason: this.#reasonFor(id, held, current, reason) }));
        if (!this.#ending) died(reason, lost.filter(({ reason: why }) => why instanceof RetryableJobError).length);
        for (const { listener, reason: why } of lost) listener.fail(why);
        resolve();
      });
    });
  }

  get alive(): boolean {
    return !this.#dead && !this.#ending;
  }

  get load(): number {
    return this.#jobs.size;
  }

  run(job: WorkerJob, listener: JobListener): void {
    if (this.#jobs.size === 0) this.#worker.ref();
    this.#jobs.set(job.id, { listener, answers: false });
    this.send(job);
  }

  send(order: WorkerRequest): void {
    if (!this.#dead) this.#worker.postMessage(order);
  }

  /** Sends a ping. Returns true if the previous ping was not answered within HUNG_MS. */
  isHung(now: number): boolean {
    if (!this.#ready || !this.alive) return false;
    if (this.#heartbeat.acknowledgedPing !== this.#ping) return now - this.#pingedAt >= HUNG_MS;
    this.#pingedAt = now;
    this.send({ kind: "ping", id: ++this.#ping });
    return false;
  }

  /**
   * Removes the jobs that have not begun their response from a thread that another job blocks. Returns the number of
   * removed jobs.
   */
  evictWaiting(): number {
    const { currentJob: current } = this.#heartbeat;
    let count = 0;
    for (const [id, { listener, answers }] of this.#jobs) {
      if (id === current || answers) continue;
      this.#jobs.delete(id);
      this.send({ kind: "cancel", id });
      listener.fail(new RetryableJobError(crashed("another query kept it from its turn")));
      count++;
    }
    return count;
  }

  /** Ends the thread, and resolves when it has ended. Its jobs fail with `reason`. */
  async end(reason: Error): Promise<void> {
    this.#ending = true;
    this.#reason ??= reason;
    for (const held of this.#jobs.values()) held.answers = true;
    if (!this.#dead) await this.#worker.terminate();
    await this.#exited;
  }

  /**
   * Ends the thread because the job with the number `job` blocks it. That job, and jobs that have begun their response,
   * fail with `reason`. The other jobs can run on another thread.
   */
  endFor(job: number, reason: Error): void {
    this.#ending = true;
    this.#reason ??= reason;
    const held = this.#jobs.get(job);
    if (held !== undefined) held.answers = true;
    void this.#worker.terminate();
  }

  #reasonFor(id: number, { answers }: Held, current: number, reason: Error): Error {
    if (!this.#ready) return new WorkerStartError(reason.message);
    return answers || id === current ? reason : new RetryableJobError(reason);
  }

  #take(message: WorkerMessage): void {
    if (message.kind === "ready") {
      this.#ready = true;
      return;
    }
    const held = this.#jobs.get(message.id);
    const goesOn = (message.kind === "answer" || message.kind === "piece") && !message.last;
    if (held !== undefined) held.answers = true;
    if (!goesOn && this.#jobs.delete(message.id) && this.#jobs.size === 0) this.#worker.unref();
    if (held === undefined) this.#giveBack(message);
    else held.listener.receive(message);
  }

  /**
   * Returns the memory of a message to the thread without reading the message, because its job is no longer on this
   * thread.
   */
  #giveBack(message: JobMessage): void {
    if (message.kind !== "answer" && message.kind !== "piece") return;
    const { buffer } = message.bytes;
    if (buffer instanceof SharedArrayBuffer) this.send({ kind: "reuse", id: message.id, memory: [buffer] });
  }

  #outOfMemory(): QueryError {
    return new QueryError("execution", `query needed more than ${this.#heapMb} MiB of memory (--query.max-bytes)`);
  }
}

const crashed = (message: string): QueryError =>
  new QueryError("execution", `the thread of the query stopped: ${message}`);
