import type { Clock, Logger } from "@narthex/runtime";
import type { Queryable } from "@narthex/storage";
import { boundedListings } from "./bounded-listings.ts";
import { boundedSelections } from "./bounded-selections.ts";
import { FastPathRunner } from "./fast-path-runner.ts";
import type { JobRunner } from "./job-runner.ts";
import { MainThreadRunner } from "./main-thread-runner.ts";
import type { ReuseSettings } from "../evaluation/evaluator.ts";
import type { EngineLimits } from "../evaluation/limited-engine.ts";
import { type AccountLimits, MemoryAccount } from "../evaluation/memory-account.ts";
import { PieceMemory } from "../response/piece-memory.ts";
import { ReuseCounters } from "../reuse/reuse-counters.ts";
import { ActiveJobs } from "./active-jobs.ts";
import type { QueryLane } from "./query-lane.ts";
import { RuleRunner } from "./rule-runner.ts";
import { type QueryTracker, SchedulerLane } from "./scheduler-lane.ts";
import type { SharedSources } from "../sources/source-handles.ts";
import { WorkerPool } from "../worker/worker-pool.ts";

const MIB = 1024 * 1024;
/** Heap in MB that a thread needs even without jobs. */
const MIN_HEAP_MB = 128;
/** Largest number of series of a query that runs on the main thread, because the search for series cannot pause. */
const MAX_SERIES = 1000;
/** Largest number of series, label names and values that a listing on the main thread visits. */
const MAX_LISTED = 2000;

export interface SchedulerOptions {
  /** Number of worker threads. If it is 0, all jobs run on the main thread. */
  readonly threads: number;
  readonly limits: EngineLimits;
  /** Limits of the memory for all jobs, including responses that are not sent yet. */
  readonly memory: AccountLimits;
  /** Maximum number of jobs of one kind that run at the same time. */
  readonly maxConcurrency: number;
  /**
   * Largest number of remote reads in progress; 0 means no limit. A remote read is in progress until its response has
   * been sent.
   */
  readonly maxRemoteReads?: number;
  readonly timeoutMs: number;
  readonly evaluationIntervalMs: () => number;
  /** Maximum heap in bytes for the objects of a worker thread's jobs. */
  readonly heapBytes: number;
  /** Memory for cached results in all threads together, bytes. Default 0: nothing is cached. */
  readonly resultCacheBytes?: number;
  /** The storage that jobs on the main thread read. */
  readonly storage: Queryable;
  /** Returns whether reading stored data may be slow. Even cheap queries then run on a worker thread. */
  readonly readsSlowly?: () => boolean;
  /** Returns the data with which a worker thread opens the same storage. */
  readonly share: () => SharedSources;
  readonly tracker: QueryTracker;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Code of the worker threads; by default the file next to this one. */
  readonly entry?: URL | undefined;
}

/**
 * Kinds of jobs, each with its own queue: queries of users, queries of rules, listings of stored data, and remote reads
 * of other servers.
 */
export type LaneName = "queries" | "rules" | "listings" | "remoteReads";

/** Runs all jobs that read stored data for clients and rules. Jobs of different kinds do not wait for each other. */
export interface QueryScheduler {
  readonly lanes: Readonly<Record<LaneName, QueryLane>>;
  readonly jobs: ActiveJobs;
  /** Memory in use, bytes. */
  readonly usedBytes: number;
  /** Number of refused requests for memory. The 32-bit number wraps around. */
  readonly refusals: number;
  /** Counters of reused results. */
  readonly reused: Pick<ReuseCounters, "reusedSteps" | "evaluatedSteps" | "sharedEvaluations">;
  /** Cancels running jobs. Resolves when all jobs have stopped reading the storage. */
  close(): Promise<void>;
}

/**
 * Opens a queue for each kind of job, with its own limit for concurrent jobs. All queues share one pool of worker
 * threads, which start when they are needed.
 */
export function openQueryScheduler(options: SchedulerOptions): QueryScheduler {
  const { threads, limits, clock, evaluationIntervalMs, storage, maxConcurrency, timeoutMs } = options;
  const account = MemoryAccount.open(options.memory);
  const reused = new ReuseCounters();
  const { resultCacheBytes = 0 } = options;
  const maxBytes = Math.ceil(resultCacheBytes / Math.max(1, threads));
  const reuse = resultCacheBytes === 0 ? undefined : { maxBytes, counters: reused.buffer };
  const mainThread = new MainThreadRunner(
    storage,
    limits,
    account,
    evaluationIntervalMs,
    clock,
    new PieceMemory(),
    threads === 0 ? reuse : undefined,
  );
  const runner = threads === 0 ? mainThread : withThreads(options, account, mainThread, reuse);
  const jobs = new ActiveJobs();
  const shared = { clock, features: limits.features, maxConcurrency, timeoutMs, runner, jobs };
  const { tracker } = options;
  const lanes = {
    queries: new SchedulerLane({ ...shared, name: "queries", purpose: "queries", tracker }),
    rules: new SchedulerLane({ ...shared, name: "rules", purpose: "rules", tracker }),
    listings: new SchedulerLane({ ...shared, name: "listings", purpose: "queries", tracker }),
    remoteReads: new SchedulerLane({
      ...shared,
      name: "remoteReads",
      maxConcurrency: options.maxRemoteReads || Infinity,
      purpose: "queries",
      tracker,
      holdsSlotsWhileSending: true,
    }),
  };
  return {
    lanes,
    jobs,
    reused,
    get usedBytes() {
      return account.usedBytes;
    },
    get refusals() {
      return account.refusals;
    },
    close() {
      for (const lane of Object.values(lanes)) lane.close();
      return runner.close();
    },
  };
}

/** Adds worker threads for the jobs that do not run on the main thread. */
function withThreads(
  options: SchedulerOptions,
  account: MemoryAccount,
  mainThread: MainThreadRunner,
  reuse: ReuseSettings | undefined,
): JobRunner {
  const { limits, clock, evaluationIntervalMs, readsSlowly } = options;
  const heapMb = Math.max(MIN_HEAP_MB, Math.floor(options.heapBytes / MIB));
  const threads = new WorkerPool({ ...options, account, heapMb, reuse, fallback: mainThread });
  const bounded = (unknown: "refused" | "read"): Queryable => boundedSelections(options.storage, MAX_SERIES, unknown);
  const usersHere = new MainThreadRunner(bounded("read"), limits, account, evaluationIntervalMs, clock);
  const short = boundedListings(options.storage, MAX_LISTED);
  const listings = new MainThreadRunner(short, limits, account, evaluationIntervalMs, clock);
  const runners = { queries: usersHere, listings, workers: threads };
  const users = new FastPathRunner(runners, clock, limits.features, readsSlowly);
  const rules = new MainThreadRunner(bounded("refused"), limits, account, evaluationIntervalMs, clock);
  return new RuleRunner(rules, users, clock, readsSlowly);
}
