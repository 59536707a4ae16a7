import { Cursor, DecodeError } from "@narthex/bytes";
import { SampleColumns } from "@narthex/storage";
import { decodeChunk } from "../block/decode-chunk.ts";
import type { Files } from "../files.ts";
import type { Head } from "../head/head.ts";
import type { SeriesRow } from "../head/memory/series-rows.ts";
import type { DeletedInterval } from "../chunk/deleted-interval.ts";
import { readExemplars } from "../wal/records.ts";
import { PAGES_AT_START, readSegment } from "../wal/read-segment.ts";
import { listSegments } from "../wal/segment.ts";
import { SnapshotDamage } from "./snapshot-damage.ts";
import { readSnapshotMetadata } from "./snapshot-metadata.ts";
import {
  readSnapshotChunk,
  readSnapshotTombstones,
  SNAPSHOT_EXEMPLARS,
  SNAPSHOT_SERIES,
  SNAPSHOT_SERIES_BATCH,
  SNAPSHOT_TOMBSTONES,
  type SnapshotChunk,
} from "./snapshot-records.ts";

/** Receives the series of a snapshot when it is loaded, like those of a replayed log. */
export interface SeriesSink {
  /** Adds a series with the reference `ref`. The cursor is at the encoded labels of the series. */
  encodedSeries(ref: number, cursor: Cursor): void;
  rowOf(ref: number): SeriesRow;
}

/**
 * Loads a snapshot into an empty head whose chunk files have already been read. Returns the number of its series.
 * Throws SnapshotDamage, or the system's error.
 */
export async function readSnapshot(
  path: string,
  head: Head,
  sink: SeriesSink,
  options: { readonly files: Files; readonly signal?: AbortSignal | undefined },
): Promise<number> {
  const reader = new SnapshotReader(head, sink);
  const segments = listSegments(path, options.files);
  for (const [i, segment] of segments.entries()) {
    options.signal?.throwIfAborted();
    if (segment.index !== i) throw new SnapshotDamage(`segment ${i} is missing`);
    const reading = await readSegment(segment.path, (record) => reader.record(record), PAGES_AT_START, options.files);
    const [damage] = reading.damages;
    if (damage !== undefined) throw new SnapshotDamage(`${segment.path} at ${damage.offset}: ${damage.reason}`);
  }
  if (!reader.complete) throw new SnapshotDamage("the end of the snapshot is missing");
  await readSnapshotMetadata(path, head, (ref) => sink.rowOf(ref), options);
  return reader.seriesCount;
}

class SnapshotReader {
  seriesCount = 0;
  /** Whether the record after the last series was read, which shows that the snapshot is complete. */
  complete = false;
  readonly #head: Head;
  readonly #sink: SeriesSink;
  readonly #columns = new SampleColumns(256);

  constructor(head: Head, sink: SeriesSink) {
    this.#head = head;
    this.#sink = sink;
  }

  record(bytes: Uint8Array): void {
    try {
      this.#dispatch(new Cursor(bytes, 1), bytes[0]);
    } catch (cause) {
      if (!(cause instanceof DecodeError) && !(cause instanceof RangeError)) throw cause;
      throw new SnapshotDamage(`a record cannot be decoded: ${cause.message}`);
    }
  }

  #dispatch(cursor: Cursor, type: number | undefined): void {
    if (type === SNAPSHOT_SERIES) this.#series(cursor);
    else if (type === SNAPSHOT_SERIES_BATCH) while (cursor.rest > 0) this.#series(cursor);
    else if (type === SNAPSHOT_TOMBSTONES) {
      this.complete = true;
      readSnapshotTombstones(cursor, (ref, interval) => this.#tombstone(ref, interval));
    } else if (type === SNAPSHOT_EXEMPLARS) {
      const { series } = this.#head.memory;
      readExemplars(cursor, ({ ref, exemplar }) => {
        const row = this.#sink.rowOf(ref);
        if (row !== 0) this.#head.exemplars.add(series.at.ref[row]!, series.labelsOf(row), exemplar);
      });
    } else throw new SnapshotDamage(`unknown record type ${type}`);
  }

  #series(cursor: Cursor): void {
    const ref = cursor.u64();
    this.seriesCount++;
    this.#sink.encodedSeries(ref, cursor);
    const chunk = readSnapshotChunk(cursor);
    const row = this.#sink.rowOf(ref);
    if (chunk !== undefined && row !== 0) this.#chunk(row, chunk);
  }

  #tombstone(ref: number, interval: DeletedInterval): void {
    const row = this.#sink.rowOf(ref);
    if (row !== 0) this.#head.tombstones.add(this.#head.memory.series.at.ref[row]!, interval);
  }

  /**
   * Adds a chunk from the snapshot to its series. The chunk becomes a closed chunk, as in Prometheus, so the next
   * sample begins a new chunk.
   */
  #chunk(row: SeriesRow, chunk: SnapshotChunk): void {
    const head = this.#head;
    const { chunks, series } = head.memory;
    const { at } = series;
    // Skips a chunk whose samples are already in a block.
    if (chunk.maxTime < head.minValidTime) return;
    if (!head.memory.capacity.hasReserve)
      throw new SnapshotDamage(`the snapshot does not fit into the head: ${head.memory.capacity.refusal}`);
    if (chunk.minTime > at.lastTime[row]!) {
      const { bytes, encoding, minTime, maxTime } = chunk;
      chunks.noteUnstored(row, at.lastChunk[row]!);
      const id = chunks.add(bytes, 0, bytes.length, encoding, minTime, maxTime, at.lastChunk[row]!);
      series.rows.resumeChunks(row, id, id, maxTime);
      head.seen(minTime);
      head.seen(maxTime);
    } else if (chunk.maxTime > at.lastTime[row]!) this.#insertRest(row, chunk);
    else if (chunk.maxTime < at.lastTime[row]!) return;
    series.rows.resumeValue(row, chunk.high, chunk.low);
    if (chunk.histogram !== undefined) head.histogramChunks.resume(row, chunk.histogram);
  }

  /**
   * Adds only the later samples of a chunk. Its earlier samples are in chunk files that were written after the
   * snapshot.
   */
  #insertRest(row: SeriesRow, { bytes, encoding, maxTime }: SnapshotChunk): void {
    const head = this.#head;
    const columns = this.#columns;
    columns.reset();
    const from = head.memory.series.at.lastTime[row]! + 1;
    decodeChunk({ bytes, start: 0, end: bytes.length, encoding }, from, maxTime, columns);
    for (let i = 0; i < columns.count; i++) {
      const histogram = columns.histograms?.[i];
      const time = columns.timestamps[i]!;
      const start = columns.startTimestamps?.[i] ?? 0;
      if (histogram !== undefined) head.insertHistogram(row, time, histogram, start);
      else head.insertFloat(row, time, columns.valueWords[i * 2 + 1]!, columns.valueWords[i * 2]!, start);
    }
  }
}
