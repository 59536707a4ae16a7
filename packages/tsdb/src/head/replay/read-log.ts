import { join } from "node:path";
import { type Logger, returnMemoryOfStart } from "@narthex/runtime";
import type { SnapshotPlace } from "../../head-snapshot/snapshot-folder.ts";
import { PAGES_AT_START, readSegment, type SegmentReading } from "../../wal/read-segment.ts";
import { type Repair, repairSegment } from "../../wal/repair.ts";
import { diskFiles, type Files } from "../../files.ts";
import { holdSemiSpaceSize } from "../../process-memory/v8-heap.ts";
import { type PartReader, paysThread, ThreadedLog } from "./threaded-log.ts";
import { listCheckpoints, listSegments, PAGE_BYTES, type Segment } from "../../wal/segment.ts";

/** Receives the records of a log, one after the other. */
export interface RecordReader {
  record(bytes: Uint8Array): void;
  end(): void;
}

/** Returns whether the reader also accepts decoded parts of the log, which a second thread reads ahead. */
const readsParts = (reader: RecordReader): reader is RecordReader & PartReader => "encodeGathered" in reader;

/** Progress of reading the log, as numbers of segments. The endpoint /status/walreplay shows it. */
export interface ReplayProgress {
  min: number;
  max: number;
  current: number;
}

export interface LogReading {
  /** Number of damaged segments that were repaired. */
  readonly corruptions: number;
  /**
   * Number of damaged segments with good records after the damage. Such a segment may have lost records in its middle,
   * not only at its end.
   */
  readonly damaged: number;
  /**
   * Whether a segment was damaged again while it was repaired. The log on the disk then differs from the records that
   * were read.
   */
  readonly differs: boolean;
  /** Number of the newest segment that was read; -1 if there were no segments. */
  readonly lastSegment: number;
}

export interface LogReaderOptions {
  readonly logger: Logger;
  readonly progress: ReplayProgress;
  /** Folder to which the damaged originals of repaired segments are moved. */
  readonly asideDir: string;
  readonly signal?: AbortSignal | undefined;
  readonly files?: Files | undefined;
  /**
   * Whether a second thread reads ahead. By default it does if the log is large enough. A thread can read only from the
   * real file system.
   */
  readonly thread?: "always" | "never" | undefined;
  /** Position in the log at which a memory snapshot was taken. Only later records are read. */
  readonly from?: SnapshotPlace | undefined;
  /** Callback before a segment is repaired, because positions in this segment become invalid. */
  readonly onRepair?: () => void;
  /** Callback before a segment is repaired, or when segments are missing, because the log may then lack samples. */
  readonly onLoss?: () => void;
}

/**
 * Reads the newest checkpoint and the log segments after it, and repairs damaged segments. Cuts off a torn end. Keeps
 * every readable record of a segment with damage in its middle. Throws only errors of the system.
 */
export async function readLog(dir: string, replay: RecordReader, options: LogReaderOptions): Promise<LogReading> {
  const files = options.files ?? diskFiles;
  removeDrafts(dir, files);
  const { from, progress } = options;
  const newest = listCheckpoints(dir, files).at(-1);
  const checkpoint = (newest?.index ?? -1) < (from?.segment ?? -1) ? undefined : newest;
  const begin = Math.max((checkpoint?.index ?? -1) + 1, from?.segment ?? 0);
  const segments = listSegments(dir, files).filter(({ index }) => index >= begin);
  progress.min = segments[0]?.index ?? 0;
  progress.max = segments.at(-1)?.index ?? 0;
  progress.current = progress.min;
  const older = checkpoint === undefined ? [] : listSegments(checkpoint.path, files);
  await using reader = new SegmentReader(replay, options, [...older, ...segments]);
  using _held = reader.isAhead ? holdSemiSpaceSize() : undefined;
  const repairs: Repair[] = [];
  for (const segment of older) for (const item of await readOne(segment, reader, options)) repairs.push(item);
  let previous =
    checkpoint?.index ?? (from === undefined ? undefined : from.segment - 1) ?? (segments[0]?.index ?? 0) - 1;
  for (const segment of segments) {
    if (segment.index !== previous + 1) {
      options.onLoss?.();
      options.logger.warn("WAL segments are missing; their samples are lost", {
        from: previous + 1,
        to: segment.index - 1,
      });
    }
    previous = segment.index;
    progress.current = segment.index;
    const passed = segment.index === from?.segment ? from.offset : 0;
    for (const item of await readOne(segment, reader, options, passed)) repairs.push(item);
  }
  replay.end();
  return {
    corruptions: repairs.length,
    damaged: repairs.filter(({ kind }) => kind === "rewritten").length,
    differs: repairs.some((repair) => repair.kind === "rewritten" && repair.differs),
    lastSegment: segments.at(-1)?.index ?? checkpoint?.index ?? -1,
  };
}

/** Reads log segments, with or without a second thread that reads ahead. */
class SegmentReader implements AsyncDisposable {
  readonly #replay: RecordReader;
  readonly #options: LogReaderOptions;
  readonly #files: Files;
  #thread: ThreadedLog | undefined;

  constructor(replay: RecordReader, options: LogReaderOptions, segments: readonly Segment[]) {
    this.#replay = replay;
    this.#options = options;
    this.#files = options.files ?? diskFiles;
    const bytes = segments.reduce((sum, { size }) => sum + size, 0);
    const wanted = options.thread === undefined ? paysThread(bytes) : options.thread === "always";
    if (wanted && this.#files === diskFiles && readsParts(replay)) this.#thread = new ThreadedLog();
  }

  /** Whether a second thread reads ahead. */
  get isAhead(): boolean {
    return this.#thread !== undefined;
  }

  async read({ path }: Segment, passed: number): Promise<SegmentReading> {
    // A record begins at `passed` if `passed` is the end of a page, so the earlier pages need not be read. Otherwise
    // the segment is read from its start, because a record may cross pages.
    const from = passed % PAGE_BYTES === 0 ? passed : 0;
    const replay = this.#replay;
    if (this.#thread !== undefined && readsParts(replay)) {
      const reading = await this.#thread.read({ path, from, passed }, replay, this.#options.signal);
      if (reading !== undefined) return reading;
      // Replays all records of the current segment, including records that the failed thread has already delivered.
      // Their samples are skipped as duplicates.
      const err = this.#thread.failure;
      this.#options.logger.warn("the thread that reads the WAL has ended; the main thread reads the rest", {
        path,
        err,
      });
      this.#thread = undefined;
    }
    const visit = (record: Uint8Array, offset: number): void => {
      if (offset >= passed) replay.record(record);
    };
    return readSegment(path, visit, PAGES_AT_START, this.#files, from);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#thread?.[Symbol.asyncDispose]();
  }
}

/**
 * Reads a log segment, except the records that begin before byte `passed`. If the segment is damaged, repairs it and
 * returns the repair.
 */
async function readOne(
  segment: Segment,
  reader: SegmentReader,
  options: LogReaderOptions,
  passed = 0,
): Promise<Repair[]> {
  options.signal?.throwIfAborted();
  const files = options.files ?? diskFiles;
  // Returns unused memory to the system before the second thread starts. Otherwise the garbage of the process start
  // would add to the peak memory of the replay.
  if (reader.isAhead) await returnMemoryOfStart();
  const reading = await reader.read(segment, passed);
  if (reading.damages.length === 0) return [];
  options.onLoss?.();
  options.onRepair?.();
  const repair = await repairSegment(segment, reading, options.asideDir, files);
  const offset = reading.damages[0]!.offset;
  if (repair.kind === "cut") {
    options.logger.warn("the WAL ended within a record, as after a kill or a power cut; the rest was cut off", {
      segment: segment.path,
      offset,
      bytes: repair.bytes,
      reason: repair.reason,
    });
  } else {
    options.logger.error(
      "the WAL is damaged; unreadable records were removed, the original file was kept in another folder",
      {
        segment: segment.path,
        offset,
        damages: repair.damages,
        original: repair.original,
        reason: repair.reason,
      },
    );
  }
  return [repair];
}

/** Removes unfinished files that an earlier process left. */
function removeDrafts(dir: string, files: Files): void {
  for (const name of files.list(dir)) {
    if (name.endsWith(".tmp")) files.remove(join(dir, name));
  }
}
