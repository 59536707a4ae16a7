import { parentPort, workerData } from "node:worker_threads";
import { diskFiles, type Files } from "../../files.ts";
import { PAGES_AT_START, readSegment } from "../../wal/read-segment.ts";
import { ADDED, LoggedSamples, NO_ROOM } from "./logged-samples.ts";
import { type LogPart, type LogRecord, type SegmentRequest, SLOT_TAKEN, type ThreadSlots } from "./threaded-log.ts";

/**
 * Entry point of the thread that reads log segments ahead. It puts float samples into columns that both threads share,
 * and posts all other records.
 */

/**
 * Size in bytes of the records outside the columns from which a part is posted to the other thread, even if the part
 * has few samples.
 */
const MAX_RECORD_BYTES = 1024 * 1024;

/** The file system for this thread. Its asynchronous reads run synchronously, because the thread has no other work. */
const files: Files = {
  ...diskFiles,
  readLater: (file, into, position) => Promise.resolve(diskFiles.read(file, into, position)),
};

class PartWriter {
  readonly #slots: readonly LoggedSamples[];
  readonly #states: Int32Array;
  #slot = -1;
  #records: LogRecord[] = [];
  #recordBytes = 0;

  constructor({ slots, states }: ThreadSlots) {
    this.#slots = slots.map((buffer) => new LoggedSamples(buffer));
    this.#states = new Int32Array(states);
  }

  record(bytes: Uint8Array): void {
    let addition = this.#samples().add(bytes);
    if (addition === NO_ROOM) {
      this.post();
      addition = this.#samples().add(bytes);
    }
    if (addition === ADDED) return;
    this.#records.push({ samplesBefore: this.#samples().count, bytes: bytes.slice() });
    this.#recordBytes += bytes.length;
    if (this.#recordBytes > MAX_RECORD_BYTES) this.post();
  }

  post(): void {
    if (this.#slot < 0) return;
    const samples = this.#samples();
    const part: LogPart = {
      slot: this.#slot,
      baseTime: samples.baseTime,
      count: samples.count,
      records: this.#records,
    };
    Atomics.store(this.#states, this.#slot, SLOT_TAKEN);
    parentPort!.postMessage(
      part,
      this.#records.map(({ bytes }) => bytes.buffer as ArrayBuffer),
    );
    this.#next = (this.#slot + 1) % this.#slots.length;
    this.#slot = -1;
    this.#records = [];
    this.#recordBytes = 0;
  }

  #next = 0;

  /** Returns the next columns to fill. Waits until the other thread has emptied them. */
  #samples(): LoggedSamples {
    if (this.#slot < 0) {
      this.#slot = this.#next;
      Atomics.wait(this.#states, this.#slot, SLOT_TAKEN);
      const slot = this.#slots[this.#slot]!;
      slot.count = 0;
      slot.limit = Atomics.load(this.#states, this.#slots.length);
    }
    return this.#slots[this.#slot]!;
  }
}

const parts = new PartWriter(workerData as ThreadSlots);

async function read({ path, from, passed }: SegmentRequest): Promise<void> {
  const visit = (record: Uint8Array, offset: number): void => {
    if (offset >= passed && record.length > 0) parts.record(record);
  };
  try {
    const { damages, recordsAfterDamage } = await readSegment(path, visit, PAGES_AT_START, files, from);
    parts.post();
    parentPort!.postMessage({ reading: { damages, recordsAfterDamage } });
  } catch (cause) {
    parts.post();
    const { name, message, code } = cause as NodeJS.ErrnoException;
    parentPort!.postMessage({ failure: { name, message, ...(code === undefined ? {} : { code }) } });
  }
}

parentPort!.on("message", (request: SegmentRequest) => void read(request));
