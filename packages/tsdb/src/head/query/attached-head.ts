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

/** Number of failed optimistic reads after which the writer is asked to wait. */
const FREE_TRIES = 8;

/**
 * Number of snapshots after which SnapshotLost is thrown: after two, further ones are likely to be lost, too, and use a
 * processor.
 */
const MAX_SNAPSHOTS = 2;

/** Data that a reading thread needs to attach to a head; can be posted to a worker. */
export interface HeadHandles {
  readonly buffers: SharedHandles;
  /** Number of the reading thread: each thread needs its own handles. */
  readonly reader: number;
  /** Time of the oldest sample. */
  readonly sharedMinTime: SharedArrayBuffer;
  readonly invalidations: SharedArrayBuffer;
  /** Folder of the chunk files; undefined if the head has none. */
  readonly chunksDir: string | undefined;
}

/** Makes handles for one more reading thread. Call release() when that thread has ended or has detached. */
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
 * A head of another thread, which is read in place. A snapshot shows all commits completely. It waits for the writer
 * only during a single change, and the writer does not wait for it. Series found by select() stay readable and
 * unchanged until the querier is closed.
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
        // Before the snapshot: deletions are removed together with the samples that they hide, which the snapshot may
        // still show.
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
   * Runs `body`, which must be short, over memory that must not change meanwhile; runs it again if the memory changed.
   * Blocks the thread during a change. Use it to read a large part of the head in pieces, between its commits.
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
      // Closing releases the disk space of files that were deleted meanwhile.
      if (this.#pins.size === 0) this.memory.chunks.reader?.close();
    };
  }

  /**
   * In memory that changes during the read, a body can meet any content: its errors count only if nothing has changed.
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

/** Attaches to a head whose handles another thread has posted. */
export const attachHead = (handles: HeadHandles): AttachedHead => new AttachedHead(handles);
