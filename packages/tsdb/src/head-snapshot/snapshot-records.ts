import { type ByteWriter, type Cursor, DecodeError } from "@narthex/bytes";
import type { FloatHistogram } from "@narthex/model";
import { ENCODING_FLOAT_HISTOGRAM_ST, ENCODING_HISTOGRAM_ST } from "../chunk/histogram.ts";
import { ENCODING_FLOAT_HISTOGRAM, ENCODING_HISTOGRAM, ENCODING_XOR } from "../chunk/xor.ts";
import { ENCODING_XOR2 } from "../chunk/xor2.ts";
import type { DeletedInterval } from "../chunk/deleted-interval.ts";
import { readHistogram, writeHistogram } from "../wal/histogram-records.ts";

/** Record types of a snapshot. The type is a record's first byte. */
export const SNAPSHOT_SERIES = 1;
export const SNAPSHOT_TOMBSTONES = 2;
export const SNAPSHOT_EXEMPLARS = 3;
/**
 * Several series in one record, which compresses the labels that they have in common. Only this project's snapshots
 * have such records, and their folders have a name that Prometheus ignores.
 */
export const SNAPSHOT_SERIES_BATCH = 4;

const TOMBSTONES_VERSION = 1;
/**
 * Number of unused bytes before the last value of a float series. They contain three samples and a time, which only
 * earlier versions of Prometheus read.
 */
const UNUSED_BYTES = 3 * 16 + 8;

/** The newest chunk of a series in a snapshot, and the chunk's last sample. */
export interface SnapshotChunk {
  readonly minTime: number;
  readonly maxTime: number;
  readonly encoding: number;
  readonly bytes: Uint8Array;
  /** High word of the last value of a float chunk. `low` is the low word. */
  readonly high: number;
  readonly low: number;
  /** Last sample of a histogram chunk; undefined for a float chunk. */
  readonly histogram: FloatHistogram | undefined;
}

/**
 * Adds a series to a record whose type is already written.
 * @param chunk the series' newest chunk; undefined if all samples are in chunk files
 */
export function writeSnapshotSeries(
  into: ByteWriter,
  ref: number,
  writeLabels: (into: ByteWriter) => void,
  chunk: SnapshotChunk | undefined,
): void {
  into.i64(ref);
  writeLabels(into);
  into.i64(0);
  into.uvarint(chunk === undefined ? 0 : 1);
  if (chunk === undefined) return;
  into.i64(chunk.minTime);
  into.i64(chunk.maxTime);
  into.u8(chunk.encoding);
  into.uvarint(chunk.bytes.length);
  into.put(chunk.bytes);
  if (chunk.histogram !== undefined) {
    writeHistogram(into, chunk.histogram);
    return;
  }
  into.put(new Uint8Array(UNUSED_BYTES));
  into.f64Words(chunk.high, chunk.low);
}

/**
 * Reads the part of a series record after the reference and the labels. Returns undefined if the series has no open
 * chunk. The bytes of the chunk are a view. Throws DecodeError.
 */
export function readSnapshotChunk(cursor: Cursor): SnapshotChunk | undefined {
  cursor.i64();
  if (cursor.uvarint() === 0) return undefined;
  const minTime = cursor.i64();
  const maxTime = cursor.i64();
  const encoding = cursor.u8();
  const bytes = cursor.take(cursor.uvarint());
  if (bytes.length < 4 || minTime > maxTime)
    throw new DecodeError("invalid chunk: it is too short, or its end is before its start", cursor.at);
  const frame = { minTime, maxTime, encoding, bytes };
  switch (encoding) {
    case ENCODING_XOR:
    case ENCODING_XOR2: {
      cursor.take(UNUSED_BYTES);
      const high = cursor.u32();
      return { ...frame, high, low: cursor.u32(), histogram: undefined };
    }
    case ENCODING_HISTOGRAM:
    case ENCODING_HISTOGRAM_ST:
    case ENCODING_FLOAT_HISTOGRAM:
    case ENCODING_FLOAT_HISTOGRAM_ST: {
      const integer = encoding === ENCODING_HISTOGRAM || encoding === ENCODING_HISTOGRAM_ST;
      return { ...frame, high: 0, low: 0, histogram: readHistogram(cursor, integer) };
    }
    default:
      throw new DecodeError(`unknown chunk encoding ${encoding}`, cursor.at);
  }
}

export function writeSnapshotTombstones(
  into: ByteWriter,
  body: ByteWriter,
  entries: Iterable<readonly [number, readonly DeletedInterval[]]>,
): void {
  body.reset();
  body.u8(TOMBSTONES_VERSION);
  for (const [ref, intervals] of entries) {
    for (const { minTime, maxTime } of intervals) {
      body.uvarint(ref);
      body.varint(minTime);
      body.varint(maxTime);
    }
  }
  into.reset();
  into.u8(SNAPSHOT_TOMBSTONES);
  into.uvarint(body.length);
  into.put(body.written);
}

export function readSnapshotTombstones(cursor: Cursor, visit: (ref: number, interval: DeletedInterval) => void): void {
  const end = cursor.uvarint() + cursor.at;
  const version = cursor.u8();
  if (version !== TOMBSTONES_VERSION) throw new DecodeError(`unknown tombstones version ${version}`, cursor.at);
  while (cursor.at < end) {
    const ref = cursor.uvarint();
    const minTime = cursor.varint();
    visit(ref, { minTime, maxTime: cursor.varint() });
  }
}
