import { ByteWriter } from "@narthex/bytes";
import { type Clock, type Logger, logOnChange, type StateLog } from "@narthex/runtime";
import type { Files } from "../files.ts";
import { MAX_TIME_MS } from "../head/append/float-chunks.ts";
import type { StoredChunks } from "../head/chunk-files/stored-chunks.ts";
import type { Head } from "../head/head.ts";
import type { WalCompression } from "../wal/compression.ts";
import { writeTombstones } from "../wal/records.ts";
import type { LogEnd, WalWriter } from "../wal/writer.ts";
import { listSegments } from "../wal/segment.ts";
import { listSnapshots, type SnapshotPlace } from "./snapshot-folder.ts";
import { writeSnapshot } from "./write-snapshot.ts";

/** Older than any sample. */
const NEVER_MS = -MAX_TIME_MS - 1;
/** A snapshot comes early when the log has grown by so much, and by so many times the last one's size. */
const EARLY_GROWTH_BYTES = 64 * 1024 * 1024;
const EARLY_GROWTH_SNAPSHOTS = 4;
/** The wait after a failure is the interval, and doubles with every further one so many times. */
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
  /** References of the log that are not their series' own, with the one that is. */
  readonly aliases: ReadonlyMap<number, number>;
  /** How long after the last one the next is taken; 0: none is while the server runs. */
  readonly intervalMs: number;
}

/** Takes snapshots of the head, from which on a start need not replay the log. */
export class MemorySnapshots {
  readonly #options: MemorySnapshotsOptions;
  readonly #taking: StateLog;
  #takenAt: number;
  /** Since the last one that could be taken. */
  #failures = 0;
  /** Of the newest one. */
  #bytes = 0;
  /** Where the log ended when all was logged that belongs to the newest one; undefined before the first. */
  #loggedTo: LogEnd | undefined;
  /** There was one already, which only the truncation of the log can have removed. */
  #hadOne: boolean;

  constructor(options: MemorySnapshotsOptions) {
    this.#options = options;
    this.#taking = logOnChange(options.logger, "taking a memory snapshot (a start replays more of the WAL meanwhile)");
    this.#takenAt = options.clock.monotonic();
    this.#hadOne = listSnapshots(options.dir, options.files).length > 0;
  }

  /**
   * Takes one beside commits, where it is time. A series is written as it is when its turn comes: what was appended to it
   * since the log's end that the snapshot stands for comes again with the log, and is passed over. Nothing may be taken
   * from the head meanwhile. `isStopping` ends it early.
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
        // Not on the event loop, where finish() would.
        await stored.files.settle();
        await stored.files.finish();
        // Series of transactions that are still open are written, too: the log must name what a start takes from here.
        await head.betweenCommits(() => head.logNewSeries());
        await wal.sync();
      };
      await this.#write(end, { unstored, finish, isStopping });
      this.#loggedTo = loggedTo;
      this.#hadOne = true;
      this.#failures = 0;
      this.#taking.worked();
    } catch (cause) {
      if (isStopping()) return;
      this.#failures++;
      this.#taking.failed(cause instanceof Error ? cause.message : String(cause));
    } finally {
      this.#takenAt = start;
    }
  }

  /** All that the snapshot at the end does not hold goes to the disk; undefined, and one warning, where that cannot be. */
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

  /** Takes the last one, when nothing is appended any more. */
  async takeLast(end: LogEnd): Promise<void> {
    const { clock, logger } = this.#options;
    const start = clock.monotonic();
    try {
      const { path, series } = await this.#write(end);
      const duration = `${((clock.monotonic() - start) / 1000).toFixed(3)}s`;
      logger.info("memory snapshot written", { dir: path, series, duration });
    } catch (cause) {
      logger.warn("the memory snapshot could not be written: the next start replays the WAL", { err: cause });
    }
  }

  get #isDue(): boolean {
    const { intervalMs, clock, dir, files } = this.#options;
    if (intervalMs === 0) return false;
    const waited = clock.monotonic() - this.#takenAt;
    // What fails, on a full disk for instance, writes much in vain.
    if (this.#failures > 0) return waited >= intervalMs * 2 ** Math.min(this.#failures - 1, MAX_DOUBLINGS);
    const last = listSnapshots(dir, files).at(-1);
    const grown = this.#bytesBehind(last);
    if (grown >= Math.max(EARLY_GROWTH_BYTES, this.#bytes * EARLY_GROWTH_SNAPSHOTS)) return true;
    return grown > 0 && (waited >= intervalMs || (last === undefined && this.#hadOne));
  }

  /**
   * Bytes of the log that a start would replay, but for those that came with the snapshot; checkpoints count no more than
   * what was before them.
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
    beside: Partial<Pick<Parameters<typeof writeSnapshot>[2], "unstored" | "finish" | "isStopping">> = {},
  ): ReturnType<typeof writeSnapshot> {
    const { dir, head, stored, files, compression, aliases } = this.#options;
    const chunkFiles = stored.files;
    const written = await writeSnapshot(dir, head, { ...end, ...beside, files, compression, aliases, chunkFiles });
    this.#bytes = written.bytes;
    return written;
  }

  /** Returns the end of the log that the snapshot stands for. The newest reference, which it has no place for, follows. */
  #endOfLog(): LogEnd {
    const { head, wal } = this.#options;
    head.logNewSeries();
    const end = wal.endPage();
    this.#logNewestReference();
    return end;
  }

  /**
   * What the log has before the snapshot is not read. The newest reference there may be that of a series that is gone:
   * given to another one, a start without the snapshot would take the samples of the one for the other's.
   */
  #logNewestReference(): void {
    const { head, wal } = this.#options;
    const { series } = head.memory;
    const ref = series.lastRef;
    if (ref === 0 || series.rowOf(ref) !== 0) return;
    const record = new ByteWriter();
    // A deletion of nothing: a reference without a series is reserved by it.
    writeTombstones(record, [{ ref, minTime: NEVER_MS, maxTime: NEVER_MS }]);
    wal.log(record.written);
    wal.flush();
  }
}
