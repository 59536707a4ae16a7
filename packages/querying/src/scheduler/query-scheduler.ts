import type { Clock, Logger } from "@narthex/runtime";
import type { Queryable } from "@narthex/storage";
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
/** A thread needs this much for itself. */
const LEAST_HEAP_MB = 128;
/** A query that may select more series is for a thread: finding them is not divided into turns. */
const MAX_SERIES = 1000;

export interface SchedulerOptions {
  /** 0: jobs are done on the main thread. */
  readonly threads: number;
  readonly limits: EngineLimits;
  /** What all jobs, and answers that have not left the process, may take together. */
  readonly memory: AccountLimits;
  /** Jobs of a lane that run at a time. */
  readonly maxConcurrency: number;
  /** Remote reads that run, or whose answers are sent, at a time; 0: any number. */
  readonly maxRemoteReads?: number;
  readonly timeoutMs: number;
  readonly evaluationIntervalMs: () => number;
  /** What objects of a thread's jobs may take. */
  readonly heapBytes: number;
  /** What results that are used again may take, of all threads; default 0: each query is evaluated. */
  readonly resultCacheBytes?: number;
  /** What is read where there are no threads. */
  readonly storage: Queryable;
  /** Reading may take a while: queries that were cheap have to be sent to a thread all the same. */
  readonly readsSlowly?: () => boolean;
  /** Handles of the same for a thread. */
  readonly share: () => SharedSources;
  readonly tracker: QueryTracker;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Program of the threads; default the one beside this package. */
  readonly entry?: URL | undefined;
}

/** Kinds of jobs that do not wait for each other: queries of users, queries of rules, listings of stored data, what other servers read. */
export type LaneName = "queries" | "rules" | "listings" | "remoteReads";

/** Runs everything that reads stored data on behalf of a client or a rule, in lanes that do not wait for each other. */
export interface QueryScheduler {
  readonly lanes: Readonly<Record<LaneName, QueryLane>>;
  /** What waits and runs in all lanes. */
  readonly jobs: ActiveJobs;
  /** Memory that is taken, bytes. */
  readonly usedBytes: number;
  /** How often memory was refused to a job; wraps around. */
  readonly refusals: number;
  /** What was used again. */
  readonly reused: Pick<ReuseCounters, "reusedSteps" | "evaluatedSteps" | "sharedEvaluations">;
  /** Cancels what runs; resolves when nothing reads the storage any more. */
  close(): Promise<void>;
}

/** Opens the lanes, each with its own slots, over one pool of workers that all share and that start when they are needed. */
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

/** Threads for what is not done sooner where it arrives. */
function withThreads(
  options: SchedulerOptions,
  account: MemoryAccount,
  mainThread: MainThreadRunner,
  reuse: ReuseSettings | undefined,
): JobRunner {
  const { limits, clock, evaluationIntervalMs, readsSlowly } = options;
  const heapMb = Math.max(LEAST_HEAP_MB, Math.floor(options.heapBytes / MIB));
  const threads = new WorkerPool({ ...options, account, heapMb, reuse, fallback: mainThread });
  const bounded = (unknown: "refused" | "read"): Queryable => boundedSelections(options.storage, MAX_SERIES, unknown);
  const usersHere = new MainThreadRunner(bounded("read"), limits, account, evaluationIntervalMs, clock);
  const users = new FastPathRunner(usersHere, threads, clock, limits.features, readsSlowly);
  const rules = new MainThreadRunner(bounded("refused"), limits, account, evaluationIntervalMs, clock);
  return new RuleRunner(rules, users, clock, readsSlowly);
}
