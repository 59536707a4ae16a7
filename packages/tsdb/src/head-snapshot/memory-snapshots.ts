import { ByteWriter } from "@narthex/bytes";
import { type Clock, type Logger, logOnChange, type StateLog } from "@narthex/runtime";
import type { Files } from "../files.ts";
import { MAX_TIME_MS } from "../head/append/float-chunks.ts";
import type { StoredChunks } from "../head/chunk-files/stored-chunks.ts";
import type { Head } from "../head/head.ts";
import type { SeriesTable } from "../head/memory/series-table.ts";
import type { WalCompression } from "../wal/compression.ts";
import { folderBytes } from "../inspect/folder-size.ts";
import { writeTombstones } from "../wal/records.ts";
import type { LogEnd, WalWriter } from "../wal/writer.ts";
import { listSegments } from "../wal/segment.ts";
import { listSnapshots, type SnapshotPlace } from "./snapshot-folder.ts";
import { writeSnapshot } from "./write-snapshot.ts";

/** Time in ms that is before any sample. */
const NEVER_MS = -MAX_TIME_MS - 1;
/**
 * Growth of the log in bytes that triggers a snapshot before the interval is over. The growth must also be at least
 * EARLY_GROWTH_SNAPSHOTS times the size of the last snapshot.
 */
const EARLY_GROWTH_BYTES = 64 * 1024 * 1024;
const EARLY_GROWTH_SNAPSHOTS = 4;
/**
 * Largest expected size of a snapshot as a share of the log. Below this share the log is short enough for a start
 * without a snapshot, and the snapshot would take a large part of the disk space.
 */
const MAX_SHARE_OF_LOG = 0.1;
/** Size in bytes up to which a snapshot is taken for any size of the log. */
const SMALL_SNAPSHOT_BYTES = 1024 * 1024;
/** Expected size of a series without its chunk in the first snapshot, bytes. */
const FIRST_SERIES_BYTES = 60;
/**
 * Largest number of doublings of the wait after failed snapshots. The first failure causes a wait of one interval; each
 * further failure doubles the wait.
 */
const MAX_DOUBLINGS = 4;

export interface MemorySnapshotsOptions {
  readonly dir: string;
  readonly head: Head;
  readonly stored: StoredChunks;
  readonly wal: WalWriter;
  readonly files: Files;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly compression: WalCompression;
  /** Older references of series in the log, each mapped to the current reference of the series. */
  readonly aliases: ReadonlyMap<number, number>;
  /** Time between two snapshots, ms. With 0, no snapshot is taken while the server runs. */
  readonly intervalMs: number;
}

/**
 * Takes snapshots of the head's memory, so that the next start need not replay the earlier part of the log. While the
 * server runs, snapshots have batches of series, because they take disk space all the time. The snapshot at shutdown has
 * Prometheus' format.
 */
export class MemorySnapshots {
  readonly #options: MemorySnapshotsOptions;
  readonly #taking: StateLog;
  #takenAt: number;
  /** Number of failed snapshots since the last successful one. */
  #failures = 0;
  /** Size of a series without its chunk in the newest snapshot, bytes. */
  #seriesBytes = FIRST_SERIES_BYTES;
  /**
   * Position in the log after the records that were written together with the newest snapshot. Undefined before the
   * first snapshot.
   */
  #loggedTo: LogEnd | undefined;
  /**
   * Whether a snapshot was taken at any time. A snapshot that is then missing was removed by a truncation of the log.
   */
  #hadOne: boolean;

  constructor(options: MemorySnapshotsOptions) {
    this.#options = options;
    this.#taking = logOnChange(options.logger, "taking a memory snapshot (a start replays more of the WAL meanwhile)");
    this.#takenAt = options.clock.monotonic();
    this.#hadOne = listSnapshots(options.dir, options.files).length > 0;
  }

  /**
   * Takes a snapshot if it is due, while commits continue; gives up when `isStopping` returns true. The snapshot may
   * contain samples that are later in the log than its position; the next start skips these samples in the log. The
   * head must not be truncated during the call.
   */
  async takeWhenDue(isStopping: () => boolean): Promise<void> {
    if (!this.#isDue) return;
    const { clock, head, stored, wal } = this.#options;
    const start = clock.monotonic();
    try {
      await stored.store();
      const end = await head.betweenCommits(() => this.#endOfLog());
      const loggedTo = wal.end;
      const unstored: number[] = [];
      const finish = async (): Promise<void> => {
        await stored.store();
        if (unstored.some((id) => head.memory.chunks.fileOf(id) === 0))
          throw new Error("head chunks could not be written");
        stored.files.cut();
        // Syncs the files with settle() first, because a call of finish() alone would write all data in one step and
        // block the event loop.
        await stored.files.settle();
        await stored.files.finish();
        // Logs series that only open transactions have created. The snapshot contains these series, and the log must
        // contain every series that a snapshot contains.
        await head.betweenCommits(() => head.logNewSeries());
        await wal.sync();
      };
      await this.#write(end, { hasBatches: true, unstored, finish, isStopping });
      this.#loggedTo = loggedTo;
      this.#hadOne = true;
      this.#failures = 0;
      this.#taking.succeeded();
    } catch (cause) {
      if (isStopping()) return;
      this.#failures++;
      this.#taking.failed(cause instanceof Error ? cause.message : String(cause));
    } finally {
      this.#takenAt = start;
    }
  }

  /**
   * Prepares the snapshot at shutdown: syncs all data that the snapshot will not contain. Resolves with the end of the
   * log. If the sync fails, logs one warning and resolves with undefined.
   */
  async prepareLast(): Promise<LogEnd | undefined> {
    const { stored, logger } = this.#options;
    try {
      await stored.store();
      if (!stored.allStored) throw new Error("head chunks could not be written");
      await stored.files.finish();
      const end = this.#endOfLog();
      return end;
    } catch (cause) {
      logger.warn("no memory snapshot is written: the next start replays the WAL", { err: cause });
      return undefined;
    }
  }

  /** Takes the snapshot at shutdown, after the last append. `end` is the end of the log. */
  async takeLast(end: LogEnd): Promise<void> {
    const { clock, logger } = this.#options;
    const start = clock.monotonic();
    try {
      const { path, series } = await this.#write(end, { hasBatches: false });
      const duration = `${((clock.monotonic() - start) / 1000).toFixed(3)}s`;
      logger.info("memory snapshot written", { dir: path, series, duration });
    } catch (cause) {
      logger.warn("the memory snapshot could not be written: the next start replays the WAL", { err: cause });
    }
  }

  get #isDue(): boolean {
    const { intervalMs, clock, dir, files, head, wal } = this.#options;
    if (intervalMs === 0) return false;
    const waited = clock.monotonic() - this.#takenAt;
    // After a failed snapshot, growth of the log does not trigger a snapshot. Otherwise a full disk would cause large
    // useless writes again and again.
    if (this.#failures > 0) return waited >= intervalMs * 2 ** Math.min(this.#failures - 1, MAX_DOUBLINGS);
    const last = listSnapshots(dir, files).at(-1);
    const grown = this.#bytesBehind(last);
    const isTime = grown > 0 && (waited >= intervalMs || (last === undefined && this.#hadOne));
    if (!isTime && grown < EARLY_GROWTH_BYTES) return false;
    // Computes the expected size last, because it visits all series.
    const { series } = head.memory;
    const expected = series.count * this.#seriesBytes + openChunkBytes(series);
    if (expected > Math.max(SMALL_SNAPSHOT_BYTES, folderBytes(wal.dir, files) * MAX_SHARE_OF_LOG)) return false;
    return isTime || grown >= expected * EARLY_GROWTH_SNAPSHOTS;
  }

  /**
   * Returns the size in bytes of the log segments that the next start would replay. Checkpoints, and the records that
   * were written together with the snapshot, are not included.
   */
  #bytesBehind(last: SnapshotPlace | undefined): number {
    const { wal, files } = this.#options;
    const from = last === undefined ? { segment: 0, offset: 0 } : (this.#loggedTo ?? last);
    return listSegments(wal.dir, files)
      .filter(({ index }) => index >= from.segment)
      .reduce((sum, { index, size }) => sum + size - (index === from.segment ? from.offset : 0), 0);
  }

  async #write(
    end: LogEnd,
    options: Pick<Parameters<typeof writeSnapshot>[2], "hasBatches" | "unstored" | "finish" | "isStopping">,
  ): ReturnType<typeof writeSnapshot> {
    const { dir, head, stored, files, compression, aliases } = this.#options;
    const chunkFiles = stored.files;
    const chunkBytes = openChunkBytes(head.memory.series);
    const written = await writeSnapshot(dir, head, { ...end, ...options, files, compression, aliases, chunkFiles });
    this.#seriesBytes = Math.max(0, written.bytes - chunkBytes) / Math.max(1, written.series);
    return written;
  }

  /**
   * Returns the log position that the snapshot covers. A snapshot has no field for the newest series reference, so this
   * function writes that reference to the log, after the position.
   */
  #endOfLog(): LogEnd {
    const { head, wal } = this.#options;
    head.logNewSeries();
    const end = wal.endPage();
    this.#logNewestReference();
    return end;
  }

  /**
   * Logs the newest series reference, because the next start skips the log before the snapshot. The newest reference
   * may belong to a removed series. If another series got the same reference, a start without the snapshot would mix
   * the samples of both series.
   */
  #logNewestReference(): void {
    const { head, wal } = this.#options;
    const { series } = head.memory;
    const ref = series.lastRef;
    if (ref === 0 || series.rowOf(ref) !== 0) return;
    const record = new ByteWriter();
    // Writes a tombstone with an empty time range. The tombstone reserves the series reference without creating a
    // series.
    writeTombstones(record, [{ ref, minTime: NEVER_MS, maxTime: NEVER_MS }]);
    wal.log(record.written);
    wal.flush();
  }
}

/** Returns the size in bytes of the open chunks of all series. */
function openChunkBytes({ end, at: { openBits } }: SeriesTable): number {
  let bits = 0;
  for (let row = 1; row < end; row++) bits += openBits[row]!;
  return bits / 8;
}
