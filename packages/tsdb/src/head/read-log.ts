import { join } from "node:path";
import type { Logger } from "@narthex/runtime";
import { PAGES_AT_START, readSegment } from "../wal/read-segment.ts";
import { repairSegment } from "../wal/repair.ts";
import { diskFiles, type Files } from "../files.ts";
import { listCheckpoints, listSegments, type Segment } from "../wal/segment.ts";

/** Takes the records of a log, one after the other. */
export interface RecordReader {
  record(bytes: Uint8Array): void;
}

/** How far replaying has come, in segment numbers: what /status/walreplay shows. */
export interface ReplayProgress {
  min: number;
  max: number;
  current: number;
}

export interface LogReading {
  /** Damaged segments that were mended. */
  readonly corruptions: number;
  /** Number of the newest segment read; -1 when there was none. */
  readonly lastSegment: number;
}

export interface LogReaderOptions {
  readonly logger: Logger;
  readonly progress: ReplayProgress;
  /** Where originals of damaged segments go. */
  readonly asideDir: string;
  readonly signal?: AbortSignal | undefined;
  readonly files?: Files | undefined;
}

/**
 * Replays the newest checkpoint and the segments after it, mending what is damaged: a torn end is cut off, of a segment
 * with damage in its middle every readable record stays. Throws only what the system throws.
 */
export async function readLog(dir: string, replay: RecordReader, options: LogReaderOptions): Promise<LogReading> {
  const files = options.files ?? diskFiles;
  removeDrafts(dir, files);
  const checkpoint = listCheckpoints(dir, files).at(-1);
  const segments = listSegments(dir, files).filter(({ index }) => index > (checkpoint?.index ?? -1));
  const { progress } = options;
  progress.min = segments[0]?.index ?? 0;
  progress.max = segments.at(-1)?.index ?? 0;
  progress.current = progress.min;
  let corruptions = 0;
  for (const segment of checkpoint === undefined ? [] : listSegments(checkpoint.path, files)) {
    corruptions += await readOne(segment, replay, options);
  }
  let previous = checkpoint?.index ?? (segments[0]?.index ?? 0) - 1;
  for (const segment of segments) {
    if (segment.index !== previous + 1) {
      options.logger.warn("WAL segments are missing; their samples are lost", {
        from: previous + 1,
        to: segment.index - 1,
      });
    }
    previous = segment.index;
    progress.current = segment.index;
    corruptions += await readOne(segment, replay, options);
  }
  return { corruptions, lastSegment: segments.at(-1)?.index ?? checkpoint?.index ?? -1 };
}

async function readOne(segment: Segment, replay: RecordReader, options: LogReaderOptions): Promise<number> {
  options.signal?.throwIfAborted();
  const files = options.files ?? diskFiles;
  const reading = await readSegment(segment.path, (record) => replay.record(record), PAGES_AT_START, files);
  if (reading.damages.length === 0) return 0;
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
    options.logger.error("the WAL is damaged; unreadable records were left out, the original is set aside", {
      segment: segment.path,
      offset,
      damages: repair.damages,
      original: repair.original,
      reason: repair.reason,
    });
  }
  return 1;
}

/** What an earlier process left half done. */
function removeDrafts(dir: string, files: Files): void {
  for (const name of files.list(dir)) {
    if (name.endsWith(".tmp")) files.remove(join(dir, name));
  }
}
