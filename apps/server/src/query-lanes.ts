import { availableParallelism, totalmem } from "node:os";
import { ActiveQueryLog, openQueryLane, type QueryLane } from "@narthex/querying";
import type { Configuration } from "./configuration.ts";
import { queryFeatures } from "./features.ts";
import type { ServerStorage } from "./storage.ts";
import type { Surroundings } from "./wire.ts";

/** More threads would rather need memory than answer sooner. */
const MOST_THREADS = 4;
/** A query may take so much of the machine's memory, but at least LEAST_BYTES. */
const MEMORY_SHARE = 1 / 4;
const MIB = 1024 * 1024;
const LEAST_BYTES = 256 * MIB;
/** The collector of a heap that may become larger than this lets it grow to several times what is in use. */
const MOST_HEAP_BYTES = 1024 * MIB;
/** Rules look at the newest samples, which are not in blocks. */
const LITTLE = { pageBytes: 4 * MIB, selectionBytes: 4 * MIB, decodedBytes: 8 * MIB };

/** Queries of users and queries of rules: each kind has its own slots and threads, so that neither holds up the other. */
export interface QueryLanes {
  readonly lanes: Readonly<Record<"queries" | "rules", QueryLane>>;
  /** Begins to write running queries down once the folder is ours. */
  readonly journal: ActiveQueryLog;
}

export function openQueryLanes(
  { host, flags: values, features, start }: Surroundings,
  configuration: Configuration,
  storage: ServerStorage,
): QueryLanes {
  const { clock } = host;
  const logger = start.logger.child({ component: "query engine" });
  const maxConcurrency = values["query.max-concurrency"];
  const threads = values["query.threads"] ?? Math.min(MOST_THREADS, availableParallelism());
  const journal = new ActiveQueryLog(
    2 * maxConcurrency,
    clock,
    start.logger.child({ component: "activeQueryTracker" }),
  );
  const maxBytes = values["query.max-bytes"] || Math.max(LEAST_BYTES, memoryOfMachine() * MEMORY_SHARE);
  const shared = {
    heapBytes: values["query.max-bytes"] || Math.min(MOST_HEAP_BYTES, maxBytes),
    limits: {
      maxSamples: values["query.max-samples"],
      maxBytes,
      lookbackMs: values["query.lookback-delta"],
      features: queryFeatures(features),
    },
    maxConcurrency,
    timeoutMs: values["query.timeout"],
    evaluationIntervalMs: () => configuration.current.global.evaluationIntervalMs,
    storage: storage.queryable,
    share: () => storage.tsdb.share(),
    journal,
    clock,
    logger,
  };
  const lanes = {
    queries: openQueryLane({ ...shared, name: "queries", threads }),
    rules: openQueryLane({ ...shared, name: "rules", threads: Math.min(1, threads), memory: LITTLE }),
  };
  return { lanes, journal };
}

/** What the machine, or the container, has. */
const memoryOfMachine = (): number => Math.min(totalmem(), process.constrainedMemory() || Infinity);
