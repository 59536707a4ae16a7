import { availableParallelism } from "node:os";
import { setImmediate } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import type { SegmentReading } from "../../wal/read-segment.ts";
import { LoggedSamples, MAX_SAMPLES, SAMPLE_BYTES } from "./logged-samples.ts";

/**
 * Number of shared buffers (slots) for samples. One thread fills a buffer while the other thread empties another
 * buffer.
 */
const SLOTS = 2;
/**
 * Size in bytes below which a log is read without a second thread, because reading such a log takes less time than
 * starting a thread.
 */
const MIN_BYTES = 32 * 1024 * 1024;
const THREAD_HEAP_MB = 256;
/**
 * Size in MB of the thread's young generation (memory for new objects). It applies to tools only: in the server a flag
 * for semi-spaces takes precedence and gives 8 MiB.
 */
const THREAD_YOUNG_HEAP_MB = 4;

/**
 * State of a shared buffer (slot) that the reading thread may fill. While this thread empties the buffer, its state is
 * SLOT_TAKEN.
 */
const SLOT_FREE = 0;
export const SLOT_TAKEN = 1;

/** Memory that this thread and the reading thread share. */
export interface ThreadSlots {
  readonly slots: readonly SharedArrayBuffer[];
  /**
   * State of each slot, and the number of samples that a part should have. Slots are larger than a part, since unused
   * pages take no memory.
   */
  readonly states: SharedArrayBuffer;
}

/** Request to read a log segment from byte `from` on. Records that begin before byte `passed` are skipped. */
export interface SegmentRequest {
  readonly path: string;
  readonly from: number;
  readonly passed: number;
}

/** A log record outside the columns of samples, and the number of samples in the columns before this record. */
export interface LogRecord {
  readonly samplesBefore: number;
  readonly bytes: Uint8Array;
}

/** The next part of the log: `count` samples in a shared buffer (slot), and the other records between these samples. */
export interface LogPart {
  readonly slot: number;
  readonly baseTime: number;
  readonly count: number;
  readonly records: readonly LogRecord[];
}

type Message =
  | LogPart
  | { readonly reading: SegmentReading }
  | { readonly failure: { readonly name: string; readonly message: string; readonly code?: string } };

/** Receives the log in parts, whose float samples are already decoded into columns. */
export interface PartReader {
  /** Receives samples [from, to) of columns, in the order of the log. */
  floats(samples: LoggedSamples, from: number, to: number): void;
  /** Receives a record that is outside the columns of samples. */
  other(record: Uint8Array): void;
  readonly partSamples: number;
  /** Encodes the gathered samples before the reading thread fills the columns with new samples. */
  encodeGathered(): void;
}

/** Returns whether a second thread makes the read of a log of this size faster. */
export function paysThread(bytes: number): boolean {
  return bytes >= MIN_BYTES && availableParallelism() > 1;
}

/** A second thread that reads segments of the log from the real file system, some parts ahead of this thread. */
export class ThreadedLog implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #slots: readonly LoggedSamples[];
  readonly #states: Int32Array;
  readonly #messages: Message[] = [];
  #gone = false;
  /** The error that has ended the reading thread, if it reported one. */
  failure: unknown;
  #wake: () => void = () => {};

  constructor() {
    const slots = Array.from({ length: SLOTS }, () => new SharedArrayBuffer(MAX_SAMPLES * SAMPLE_BYTES));
    const states = new SharedArrayBuffer((SLOTS + 1) * 4);
    this.#slots = slots.map((buffer) => new LoggedSamples(buffer));
    this.#states = new Int32Array(states);
    const file = import.meta.url.endsWith(".ts") ? "./log-thread.ts" : "./log-thread.js";
    this.#worker = new Worker(new URL(file, import.meta.url), {
      workerData: { slots, states } satisfies ThreadSlots,
      name: "log",
      resourceLimits: { maxOldGenerationSizeMb: THREAD_HEAP_MB, maxYoungGenerationSizeMb: THREAD_YOUNG_HEAP_MB },
    });
    const gone = (): void => {
      this.#gone = true;
      this.#wake();
    };
    this.#worker.on("error", (cause) => (this.failure = cause)).on("exit", gone);
    this.#worker.on("message", (message: Message) => {
      this.#messages.push(message);
      this.#wake();
    });
  }

  /**
   * Reads a log segment on the thread and passes it to `reader`. Resolves with undefined if the thread has ended for
   * any reason; `reader` may then have received a part of the segment. Rejects with the system's errors and with the
   * signal's reason.
   */
  async read(request: SegmentRequest, reader: PartReader, signal?: AbortSignal): Promise<SegmentReading | undefined> {
    if (this.#gone) return undefined;
    Atomics.store(this.#states, SLOTS, reader.partSamples);
    this.#worker.postMessage(request);
    for (;;) {
      const message = await this.#next();
      signal?.throwIfAborted();
      if (message === undefined) return undefined;
      if ("reading" in message) return message.reading;
      if ("failure" in message) {
        const { message: text, ...rest } = message.failure;
        throw Object.assign(new Error(text), rest);
      }
      this.#take(message, reader);
      await setImmediate();
    }
  }

  #take({ slot, baseTime, count, records }: LogPart, reader: PartReader): void {
    const samples = this.#slots[slot]!;
    samples.baseTime = baseTime;
    samples.count = count;
    let taken = 0;
    for (const { samplesBefore, bytes } of records) {
      if (samplesBefore > taken) reader.floats(samples, taken, samplesBefore);
      taken = samplesBefore;
      reader.other(bytes);
    }
    if (count > taken) reader.floats(samples, taken, count);
    reader.encodeGathered();
    Atomics.store(this.#states, SLOTS, reader.partSamples);
    Atomics.store(this.#states, slot, SLOT_FREE);
    Atomics.notify(this.#states, slot);
  }

  /** Resolves with the next message of the reading thread; with undefined if the thread has ended. */
  async #next(): Promise<Message | undefined> {
    while (this.#messages.length === 0 && !this.#gone) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return this.#messages.shift();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }
}
