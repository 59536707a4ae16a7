import { availableParallelism, totalmem } from "node:os";
import { MessageChannel } from "node:worker_threads";
import {
  type ActiveQueryTracker,
  joinSources,
  type LongTermReader,
  longTermSource,
  openQueryScheduler,
  type QueryScheduler,
  type RemoteEndpoints,
  remoteSource,
  serveRemoteReads,
  type SharedSources,
} from "@narthex/querying";
import type { Context } from "../context.ts";
import { queryFeatures } from "../feature-flags.ts";
import type { StorageFeature } from "../storage/storage.ts";

/** Default for the maximum number of query threads. More threads would use more memory without faster responses. */
const MAX_THREADS = 4;
/**
 * Share of the machine's memory that all queries may use together. If this share is less than MIN_BYTES, queries may
 * use MIN_BYTES, but at most MAX_SHARE of the memory.
 */
const MEMORY_SHARE = 1 / 4;
const MAX_SHARE = 1 / 2;
/** Share of the queries' memory that is reserved for queries of rules. */
const RULES_SHARE = 1 / 8;
/** Largest share of the query memory that cached results may use. */
const RESULTS_SHARE = 1 / 16;
const MIB = 1024 * 1024;
const MIN_BYTES = 256 * MIB;
/**
 * Largest heap of a query thread. With a higher limit, V8 would let a heap grow to several times the size of its live
 * objects.
 */
const MAX_HEAP_BYTES = 1024 * MIB;
/** Memory for the read caches of all query threads together. */
const READ_MEMORY = { pageBytes: 16 * MIB, selectionBytes: 32 * MIB };

/** Opens the scheduler that runs queries of users and rules. The tracker records running queries. */
export function openScheduler(
  { clock, logger, flags: values, featureFlags, configuration }: Context,
  sources: ReadSources,
  tracker: ActiveQueryTracker,
): QueryScheduler {
  const { storage, remoteEndpoints, longTerm } = sources;
  const maxConcurrency = values["query.max-concurrency"];
  const threads = values["query.threads"] ?? Math.min(MAX_THREADS, availableParallelism());
  const limitBytes = values["query.max-memory"] || shareOf(memoryOfMachine());
  const maxBytes = values["query.max-bytes"] || limitBytes;
  return openQueryScheduler({
    threads,
    heapBytes: values["query.max-bytes"] || Math.min(MAX_HEAP_BYTES, maxBytes),
    limits: {
      maxSamples: values["query.max-samples"],
      maxBytes,
      lookbackMs: values["query.lookback-delta"],
      features: queryFeatures(featureFlags),
    },
    memory: { limitBytes, reservedBytes: Math.floor(limitBytes * RULES_SHARE) },
    resultCacheBytes: Math.min(values["query.result-cache-size"], Math.floor(limitBytes * RESULTS_SHARE)),
    maxConcurrency,
    maxRemoteReads: values["storage.remote.read-concurrent-limit"],
    timeoutMs: values["query.timeout"],
    evaluationIntervalMs: () => configuration.current.global.evaluationIntervalMs,
    storage: joinSources([
      { name: "local storage", queryable: storage.queryable, optional: false },
      remoteSource(remoteEndpoints),
      longTermSource(longTerm),
    ]),
    readsSlowly: () => remoteEndpoints.endpoints + longTerm.endpoints > 0,
    share: () => sourcesOf(sources, threads),
    tracker,
    clock,
    logger: logger.child({ component: "query engine" }),
  });
}

interface ReadSources {
  readonly storage: StorageFeature;
  readonly remoteEndpoints: RemoteEndpoints;
  readonly longTerm: LongTermReader;
}

function sourcesOf({ storage, remoteEndpoints, longTerm }: ReadSources, threads: number): SharedSources {
  const [remotes, store] = [new MessageChannel(), new MessageChannel()];
  serveRemoteReads(remotes.port1, remoteEndpoints);
  serveRemoteReads(store.port1, longTerm);
  const share = storage.tsdb.share();
  const memory = {
    pageBytes: READ_MEMORY.pageBytes / threads,
    selectionBytes: READ_MEMORY.selectionBytes / threads,
  };
  return {
    handles: [
      { kind: "local", storage: share.handles, memory },
      { kind: "remote read", port: remotes.port2, endpoints: remoteEndpoints.count },
      { kind: "long-term store", port: store.port2, endpoints: longTerm.count },
    ],
    transfer: [remotes.port2, store.port2],
    release() {
      share.release();
      remotes.port1.close();
      store.port1.close();
    },
  };
}

const shareOf = (bytes: number): number => Math.max(bytes * MEMORY_SHARE, Math.min(MIN_BYTES, bytes * MAX_SHARE));

/** Returns the memory of the machine, or of the container if it is less, in bytes. */
const memoryOfMachine = (): number => Math.min(totalmem(), process.constrainedMemory() || Infinity);
