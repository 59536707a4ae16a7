import { Cursor, DecodeError } from "@narthex/bytes";
import type { Labels } from "@narthex/model";
import type { Head } from "../head/head.ts";
import type { DeletedInterval } from "../chunk/deleted-interval.ts";
import { PAGES_IN_SERVICE, readSegment } from "../wal/read-segment.ts";
import { readSeries, RECORD_SERIES } from "../wal/records.ts";
import { listLog } from "../wal/segment.ts";
import type { WalWriter } from "../wal/writer.ts";
import { logTombstones, TombstoneColumns } from "./tombstone-columns.ts";

/**
 * Deletions in blocks whose series have left the head but are still in the log. The next start restores such series
 * into the head, so these deletions are logged under the references that the log has for the series.
 */
export class DeletionsInLog {
  /** Deleted time intervals, by the key of the series' labels. */
  readonly #deleted = new Map<string, DeletedInterval>();

  readonly add = ({ key }: Labels, { minTime, maxTime }: DeletedInterval): void => {
    const known = this.#deleted.get(key);
    this.#deleted.set(key, {
      minTime: Math.min(minTime, known?.minTime ?? Infinity),
      maxTime: Math.max(maxTime, known?.maxTime ?? -Infinity),
    });
  };

  /**
   * Searches the log for the references of the series with deletions, and logs the deletions. Does nothing without
   * deletions. Throws the system's error.
   */
  async log({ log, memory }: Head): Promise<void> {
    if (log === undefined || this.#deleted.size === 0) return;
    const stones = new TombstoneColumns();
    await forEachSeries(log.wal, (ref, key) => {
      const interval = this.#deleted.get(key);
      if (interval !== undefined && memory.series.rowOf(ref) === 0) stones.add(ref, interval);
    });
    if (stones.count > 0) await logTombstones(log, stones);
  }
}

/** Calls `visit` for each series record in a log. Reads a few pages at a time, so that other work can run. */
async function forEachSeries({ dir, files }: WalWriter, visit: (ref: number, key: string) => void): Promise<void> {
  const { older, later } = listLog(dir, files);
  const read = (record: Uint8Array): void => {
    if (record[0] !== RECORD_SERIES) return;
    try {
      readSeries(new Cursor(record, 1), (ref, labels) => visit(ref, labels.key));
    } catch (cause) {
      // Skips a record that cannot be decoded, as the replay of the log does.
      if (!(cause instanceof DecodeError)) throw cause;
    }
  };
  for (const { path } of [...older, ...later]) await readSegment(path, read, PAGES_IN_SERVICE, files);
}
