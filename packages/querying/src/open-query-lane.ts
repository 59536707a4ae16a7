import type { Clock, Logger } from "@narthex/runtime";
import type { Queryable } from "@narthex/storage";
import type { ReadMemory, StorageShare } from "@narthex/tsdb";
import { InPlaceRunner } from "./in-place.ts";
import type { LaneLimits } from "./lane-engine.ts";
import type { QueryLane } from "./query-lane.ts";
import { type QueryJournal, SlottedLane } from "./slotted-lane.ts";
import { ThreadPool } from "./thread-pool.ts";

const MIB = 1024 * 1024;
/** A thread needs this much for itself. */
const LEAST_HEAP_MB = 128;

export interface QueryLaneOptions {
  readonly name: string;
  /** 0: queries run on the main thread. */
  readonly threads: number;
  readonly limits: LaneLimits;
  readonly maxConcurrency: number;
  readonly timeoutMs: number;
  readonly evaluationIntervalMs: () => number;
  /** What objects of a thread's queries may take. */
  readonly heapBytes: number;
  /** What its threads together keep of what they read; default much. */
  readonly memory?: Required<ReadMemory> | undefined;
  readonly storage: Queryable;
  /** Handles of the same storage for a thread. */
  readonly share: () => StorageShare;
  readonly journal: QueryJournal;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Program of the threads; default the one beside this package. */
  readonly entry?: URL | undefined;
}

const MUCH: Required<ReadMemory> = { pageBytes: 16 * MIB, selectionBytes: 32 * MIB, decodedBytes: 64 * MIB };

/** A lane of queries with slots, and with threads of its own that start when they are needed. */
export function openQueryLane(options: QueryLaneOptions): QueryLane {
  const { threads, limits, clock, evaluationIntervalMs, storage, memory = MUCH } = options;
  const inPlace = new InPlaceRunner(storage, limits, evaluationIntervalMs, clock);
  const heapMb = Math.max(LEAST_HEAP_MB, Math.floor(options.heapBytes / MIB));
  const runner = threads === 0 ? inPlace : new ThreadPool({ ...options, memory, heapMb, otherwise: inPlace });
  const { maxConcurrency, timeoutMs, journal } = options;
  return new SlottedLane({ clock, features: limits.features, maxConcurrency, timeoutMs, journal, runner });
}
