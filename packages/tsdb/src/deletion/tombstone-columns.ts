import { setImmediate } from "node:timers/promises";
import { ByteWriter } from "@narthex/bytes";
import type { CommitLog } from "../head/append/commit-log.ts";
import type { DeletedInterval } from "../chunk/deleted-interval.ts";
import { type Tombstone, writeTombstones } from "../wal/records.ts";
import type { PackedRecord } from "../wal/writer.ts";

/** Largest number of tombstones in a log record. Such a record takes about 48 KiB. */
const PER_RECORD = 2048;

/** Number of array elements that a tombstone takes: its series reference, and the start and end of its interval. */
const WIDTH = 3;

/**
 * Tombstones (deleted time intervals) of many series, stored as columns of numbers, because objects would take too much
 * memory.
 */
export class TombstoneColumns {
  count = 0;
  #numbers: Float64Array;

  constructor(capacity = PER_RECORD) {
    this.#numbers = new Float64Array(capacity * WIDTH);
  }

  add(ref: number, { minTime, maxTime }: DeletedInterval): void {
    const at = this.count * WIDTH;
    if (at === this.#numbers.length) {
      const numbers = new Float64Array(Math.max(WIDTH, at * 2));
      numbers.set(this.#numbers);
      this.#numbers = numbers;
    }
    this.#numbers[at] = ref;
    this.#numbers[at + 1] = minTime;
    this.#numbers[at + 2] = maxTime;
    this.count++;
  }

  at(index: number): Tombstone {
    const at = index * WIDTH;
    return { ref: this.#numbers[at]!, minTime: this.#numbers[at + 1]!, maxTime: this.#numbers[at + 2]! };
  }
}

/**
 * Writes tombstones to the log, either all or none. Yields to the event loop while it builds the records. Throws the
 * system's error.
 */
export async function logTombstones(log: CommitLog, stones: TombstoneColumns): Promise<void> {
  const record = new ByteWriter(32 * PER_RECORD);
  const records: PackedRecord[] = [];
  for (let from = 0; from < stones.count; from += PER_RECORD) {
    if (from > 0) await setImmediate();
    const count = Math.min(PER_RECORD, stones.count - from);
    writeTombstones(
      record,
      Array.from({ length: count }, (_, i) => stones.at(from + i)),
    );
    records.push(log.wal.pack(record.written));
  }
  log.atOnce(() => log.put(records));
}
