import { Cursor, DecodeError } from "@narthex/bytes";
import type { Labels } from "@narthex/model";
import type { MetricMetadata } from "@narthex/storage";
import {
  listCheckpoints,
  listSegments,
  readMetadata,
  readSegment,
  readSeries,
  RECORD_METADATA,
  RECORD_SERIES,
} from "@narthex/tsdb";

/** Number of pages of a log segment that are read between two pauses for the event loop. */
const PAGES = 8;

export interface SeriesVisitor {
  series(ref: number, labels: Labels, segment: number): void;
  metadata(ref: number, metadata: MetricMetadata): void;
}

/**
 * Passes the series of a record to the visitor. Returns false if the record is not a series record. Throws DecodeError.
 */
export function visitSeries(record: Uint8Array, segment: number, visitor: SeriesVisitor): boolean {
  if (record[0] === RECORD_SERIES) {
    readSeries(new Cursor(record, 1), (ref, labels) => visitor.series(ref, labels, segment));
    return true;
  }
  if (record[0] !== RECORD_METADATA) return false;
  readMetadata(new Cursor(record, 1), (ref, metadata) => visitor.metadata(ref, metadata));
  return true;
}

/** Returns the number of the newest checkpoint in a folder of the write-ahead log; -1 without a checkpoint. */
export const newestCheckpoint = (dir: string): number => listCheckpoints(dir).at(-1)?.index ?? -1;

/**
 * Reads the series in the newest checkpoint of the write-ahead log, and in the segments before `segment`. Returns the
 * number of the checkpoint. Throws errors of the system, such as ENOENT if the log is truncated at the same time.
 */
export async function readKnownSeries(dir: string, segment: number, visitor: SeriesVisitor): Promise<number> {
  const checkpoint = await readCheckpointSeries(dir, visitor);
  for (const { index, path } of listSegments(dir)) {
    if (index > checkpoint && index < segment) await readSeriesOf(path, index, visitor);
  }
  return checkpoint;
}

/** Reads the series in the newest checkpoint. Returns its number, or -1 without a checkpoint. */
export async function readCheckpointSeries(dir: string, visitor: SeriesVisitor): Promise<number> {
  const checkpoint = listCheckpoints(dir).at(-1);
  if (checkpoint === undefined) return -1;
  for (const { path } of listSegments(checkpoint.path)) await readSeriesOf(path, checkpoint.index, visitor);
  return checkpoint.index;
}

async function readSeriesOf(path: string, segment: number, visitor: SeriesVisitor): Promise<void> {
  await readSegment(
    path,
    (record) => {
      try {
        visitSeries(record, segment, visitor);
      } catch (cause) {
        // Ignores unreadable records, because the storage has reported them at its start.
        if (!(cause instanceof DecodeError)) throw cause;
      }
    },
    PAGES,
  );
}
