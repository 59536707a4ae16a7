import type { Invalidations, Querier, Queryable } from "@narthex/storage";
import { diskFiles } from "../../files.ts";
import { isBefore } from "../concurrency/commit-sequence.ts";
import { InvalidationLog } from "../concurrency/invalidation-log.ts";
import { ChunkFileReader } from "../chunk-files/chunk-file-reader.ts";
import type { Head } from "../head.ts";
import { HeadMemory } from "../memory/head-memory.ts";
import { HeadSelectionCache } from "./selection-cache.ts";
import { HeadQuerier, type ReadableHead } from "./querier.ts";
import type { SharedHandles } from "../memory/shared-column.ts";
import { type Snapshot, SnapshotLost } from "../concurrency/undo-log.ts";

/**
 * Number of interrupted reads after which a reader asks the writer to wait. A read is interrupted if a change happens
 * during the read.
 */
const FREE_TRIES = 8;

/**
 * Number of lost snapshots after which SnapshotLost is thrown, because a further snapshot would probably be lost, too.
 */
const MAX_SNAPSHOTS = 2;

/** Data with which a reading thread attaches to a head. The data can be posted to a thread. */
export interface HeadHandles {
  readonly buffers: SharedHandles;
  /** Number of the reading thread. Each thread needs its own handles. */
  readonly reader: number;
  /** Shared memory that contains the time of the oldest sample. */
  readonly sharedMinTime: SharedArrayBuffer;
  readonly invalidations: SharedArrayBuffer;
  /** Folder of the chunk files; undefined if the head has no files. */
  readonly chunksDir: string | undefined;
}

/** Creates handles for one more reading thread. release() must be called when that thread has ended or has detached. */
export function shareHead(head: Head): { readonly handles: HeadHandles; release(): void } {
  const reader = head.memory.reclaimer.registerReader();
  return {
    handles: {
      buffers: head.memory.handles,
      reader,
      sharedMinTime: head.sharedMinTime,
      invalidations: head.invalidations.buffer,
      chunksDir: head.memory.chunks.reader?.dir,
    },
    release: () => head.memory.reclaimer.unregisterReader(reader),
  };
}

/**
 * A head of another thread, whose shared memory this thread reads in place. A snapshot shows each commit completely or
 * not at all. A reader waits for the writer only during a single change, and the writer does not wait for readers.
 * Series that select() found stay readable and unchanged until the querier is closed.
 */
export class AttachedHead implements Queryable, ReadableHead {
  readonly memory: HeadMemory;
  readonly selections: HeadSelectionCache;
  readonly invalidations: Invalidations;
  readonly #reader: number;
  readonly #sharedMinTime: Float64Array;
  readonly #pins = new Map<symbol, number>();

  constructor({ buffers, reader, sharedMinTime, invalidations, chunksDir }: HeadHandles) {
    this.memory = new HeadMemory(buffers);
    this.selections = new HeadSelectionCache(this.memory);
    if (chunksDir !== undefined) this.memory.chunks.reader = new ChunkFileReader(chunksDir, diskFiles);
    this.invalidations = new InvalidationLog(invalidations);
    this.#reader = reader;
    this.#sharedMinTime = new Float64Array(sharedMinTime);
  }

  get minTime(): number {
    return this.#sharedMinTime[0]!;
  }

  querier(minTime: number, maxTime: number): Querier {
    return new HeadQuerier(this, minTime, maxTime);
  }

  withSnapshot<T>(body: (snapshot: Snapshot) => T, signal?: AbortSignal): Promise<T> {
    return Promise.resolve().then(() => this.#withSnapshotNow(body, signal));
  }

  #withSnapshotNow<T>(body: (snapshot: Snapshot) => T, signal: AbortSignal | undefined): T {
    const { memory } = this;
    const unpin = this.pin();
    try {
      for (let tries = 1; ; tries++) {
        memory.sequence.announceSnapshot(this.#reader);
        // Reads the tombstones before the snapshot. Tombstones are removed together with the samples that they hide,
        // and the snapshot may still show those samples.
        memory.tombstones.refresh();
        const snapshot = memory.undo.snapshot();
        memory.sequence.beginSnapshot(this.#reader, snapshot.number);
        memory.refresh();
        try {
          return body(snapshot);
        } catch (cause) {
          if (!(cause instanceof SnapshotLost) || tries === MAX_SNAPSHOTS) throw cause;
          signal?.throwIfAborted();
        }
      }
    } finally {
      memory.sequence.endSnapshot(this.#reader);
      unpin();
    }
  }

  /**
   * Runs `body`, which reads the head's memory, and repeats it if the memory changed during the read. Blocks while the
   * writer makes a change. `body` must be short; a large part of the head can be read with several calls.
   */
  readOptimistically<T>(body: () => T): T {
    const { sequence } = this.memory;
    for (let tries = 0; ; tries++) {
      const pausing = tries >= FREE_TRIES;
      if (pausing) sequence.pause();
      try {
        const before = sequence.waitUntilEven();
        const outcome = this.#attempt(body);
        if (sequence.value === before) {
          if (outcome.failed) throw outcome.cause;
          return outcome.result;
        }
        this.memory.forget();
        this.selections.forget();
      } finally {
        if (pausing) sequence.resume();
      }
    }
  }

  pin(): () => void {
    const key = Symbol("pin");
    this.#pins.set(key, this.memory.sequence.epoch);
    this.#publishPins();
    return () => {
      if (!this.#pins.delete(key)) return;
      this.#publishPins();
      // Closes the chunk files when no querier is open, so that the disk space of deleted files is released.
      if (this.#pins.size === 0) this.memory.chunks.reader?.close();
    };
  }

  /**
   * Runs `body` and catches its error. If the memory changes during the run, `body` can read inconsistent data, so its
   * error is reported only if the memory has not changed.
   */
  #attempt<T>(body: () => T): { failed: false; result: T } | { failed: true; cause: unknown } {
    try {
      this.memory.refresh();
      this.memory.tombstones.refresh();
      return { failed: false, result: body() };
    } catch (cause) {
      return { failed: true, cause };
    }
  }

  #publishPins(): void {
    let oldest = 0;
    for (const epoch of this.#pins.values()) if (oldest === 0 || isBefore(epoch, oldest)) oldest = epoch;
    this.memory.sequence.setPin(this.#reader, oldest);
  }
}

/** Attaches this thread to a head of another thread, which has posted the handles. */
export const attachHead = (handles: HeadHandles): AttachedHead => new AttachedHead(handles);
