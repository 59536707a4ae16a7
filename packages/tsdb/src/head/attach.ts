import type { Querier, Queryable } from "@narthex/storage";
import { diskFiles } from "../files.ts";
import { isBefore } from "./change-sequence.ts";
import { ChunkFileReader } from "./chunk-file-reader.ts";
import type { Head } from "./head.ts";
import { HeadMemory } from "./head-memory.ts";
import { HeadQuerier, type ReadableHead } from "./querier.ts";
import type { SharedHandles } from "./shared-column.ts";

/** Looks in vain before the writer is asked to wait. */
const FREE_TRIES = 8;

/** What a reading thread needs of a head; can be posted to a worker as it is. */
export interface HeadHandles {
  readonly buffers: SharedHandles;
  /** Number of the reading thread: one thread per handles. */
  readonly reader: number;
  /** Folder of the chunk files, where the head has one. */
  readonly chunksDir: string | undefined;
}

/** Handles for one more reading thread. Call release() when that thread has ended or has detached. */
export function shareHead(head: Head): { readonly handles: HeadHandles; release(): void } {
  const reader = head.memory.retired.attach();
  return {
    handles: { buffers: head.memory.handles, reader, chunksDir: head.memory.chunks.reader?.dir },
    release: () => head.memory.retired.detach(reader),
  };
}

/**
 * A head of another thread, to be read in place. A look sees all commits whole: it counts only when nothing changed
 * meanwhile and is repeated otherwise. What select() chose stays readable, and unchanged, until the querier is closed.
 */
export class AttachedHead implements Queryable, ReadableHead {
  readonly memory: HeadMemory;
  readonly #reader: number;
  readonly #pins = new Map<symbol, number>();

  constructor({ buffers, reader, chunksDir }: HeadHandles) {
    this.memory = new HeadMemory(buffers);
    if (chunksDir !== undefined) this.memory.chunks.reader = new ChunkFileReader(chunksDir, diskFiles);
    this.#reader = reader;
  }

  querier(minTime: number, maxTime: number): Querier {
    return new HeadQuerier(this, minTime, maxTime);
  }

  look<T>(body: () => T): Promise<T> {
    return Promise.resolve().then(() => this.lookNow(body));
  }

  /** The same at once; blocks the thread while a change is under way. */
  lookNow<T>(body: () => T): T {
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
      // Files that were deleted meanwhile give their room back.
      if (this.#pins.size === 0) this.memory.chunks.reader?.close();
    };
  }

  /** What a body meets in memory that changes under it may be anything: its errors count only when nothing changed. */
  #attempt<T>(body: () => T): { failed: false; result: T } | { failed: true; cause: unknown } {
    try {
      this.memory.refresh();
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
