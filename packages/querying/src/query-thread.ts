import { Worker } from "node:worker_threads";
import { QueryError } from "@narthex/promql";
import type { ReadMemory, StorageShare } from "@narthex/tsdb";
import type { LaneLimits } from "./lane-engine.ts";
import type { ThreadOrder, ThreadReport, ThreadSettings } from "./thread-messages.ts";

/** A thread that reads and filters makes short-lived objects; a small nursery keeps its share of memory small. */
const NURSERY_MB = 8;

export interface QueryThreadOptions {
  /** Its program. */
  readonly entry: URL;
  readonly name: string;
  readonly share: () => StorageShare;
  readonly limits: LaneLimits;
  readonly memory: ReadMemory;
  /** Objects of its queries take this much at most, MiB. */
  readonly heapMb: number;
}

/** Who takes what a thread says of one query. */
export interface QueryListener {
  report(report: Exclude<ThreadReport, { kind: "ready" }>): void;
  /** The thread is no more. */
  lost(reason: Error): void;
}

/** The thread could not be started: none of its queries has run. */
export class ThreadNotStarted extends Error {
  override readonly name = "ThreadNotStarted";
}

/** A thread that runs queries. It keeps the process alive only while it has one. */
export class QueryThread {
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  readonly #queries = new Map<number, QueryListener>();
  readonly #heapMb: number;
  #ready = false;
  #dead = false;
  #ending = false;
  #reason: Error | undefined;

  /** @param died called when it ended without having been told to */
  constructor({ entry, name, share, limits, memory, heapMb }: QueryThreadOptions, died: (reason: Error) => void) {
    const shared = share();
    this.#heapMb = heapMb;
    try {
      const data: ThreadSettings = { ...limits, handles: shared.handles, memory };
      const resourceLimits = { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: NURSERY_MB };
      this.#worker = new Worker(entry, { name, workerData: data, resourceLimits });
    } catch (cause) {
      shared.release();
      throw new ThreadNotStarted(cause instanceof Error ? cause.message : String(cause));
    }
    this.#worker.unref();
    this.#worker.on("message", (report: ThreadReport) => this.#take(report));
    this.#worker.on("error", (cause: NodeJS.ErrnoException) => {
      this.#reason ??= cause.code === "ERR_WORKER_OUT_OF_MEMORY" ? this.#outOfMemory() : crashed(cause.message);
    });
    this.#exited = new Promise((resolve) => {
      this.#worker.once("exit", () => {
        this.#dead = true;
        shared.release();
        const reason = this.#reason ?? crashed("it ended by itself");
        if (!this.#ending) died(reason);
        const lost = this.#ready ? reason : new ThreadNotStarted(reason.message);
        for (const listener of this.#queries.values()) listener.lost(lost);
        this.#queries.clear();
        resolve();
      });
    });
  }

  get alive(): boolean {
    return !this.#dead && !this.#ending;
  }

  /** Queries it has. */
  get load(): number {
    return this.#queries.size;
  }

  run(order: Extract<ThreadOrder, { kind: "query" | "read" }>, listener: QueryListener): void {
    if (this.#queries.size === 0) this.#worker.ref();
    this.#queries.set(order.id, listener);
    this.tell(order);
  }

  tell(order: ThreadOrder): void {
    if (!this.#dead) this.#worker.postMessage(order);
  }

  /** Resolves when the thread has ended. What it still had ends with `reason`. */
  async end(reason: Error): Promise<void> {
    this.#ending = true;
    this.#reason ??= reason;
    if (!this.#dead) await this.#worker.terminate();
    await this.#exited;
  }

  #take(report: ThreadReport): void {
    if (report.kind === "ready") {
      this.#ready = true;
      return;
    }
    const listener = this.#queries.get(report.id);
    const goesOn = (report.kind === "answer" || report.kind === "piece") && !report.last;
    if (!goesOn) {
      this.#queries.delete(report.id);
      if (this.#queries.size === 0) this.#worker.unref();
    }
    listener?.report(report);
  }

  #outOfMemory(): QueryError {
    const others = this.#queries.size > 1 ? ", or ran beside one that did" : "";
    return new QueryError(
      "execution",
      `query needed more than ${this.#heapMb} MiB of memory (--query.max-bytes)${others}`,
    );
  }
}

const crashed = (message: string): QueryError =>
  new QueryError("execution", `the query's thread has ended: ${message}`);
