import { ByteWriter, Cursor, DecodeError } from "@narthex/bytes";
import type { MetricMetadata } from "@narthex/storage";
import {
  histogramRecordType,
  histogramRecordTypeV2,
  isHistogramRecord,
  type HistogramSample,
  readHistogramRecord,
  writeHistograms,
} from "./histogram-records.ts";
import { PAGES_IN_SERVICE, readSegment } from "./read-segment.ts";
import {
  readExemplars,
  readMetadata,
  readSamples,
  readSeries,
  readTombstones,
  RECORD_EXEMPLARS,
  RECORD_FLOAT_HISTOGRAMS_V2,
  RECORD_HISTOGRAMS_V2,
  RECORD_METADATA,
  RECORD_SAMPLES,
  RECORD_SAMPLES_V2,
  RECORD_SERIES,
  RECORD_TOMBSTONES,
  SampleRecord,
  type SeriesExemplar,
  type Tombstone,
  writeExemplars,
  writeMetadata,
  writeSamples,
  writeSamplesV2,
  writeSeries,
  writeTombstones,
} from "./records.ts";
import { listCheckpoints, listSegments } from "./segment.ts";
import type { WalCompression } from "./compression.ts";
import { LongMap } from "../long-map.ts";
import { diskFiles, type Files } from "../files.ts";
import { type CheckpointLeftovers, replaceByCheckpoint } from "./replace-by-checkpoint.ts";
import type { WalWriter } from "./writer.ts";

const FLUSH_BYTES = 256 * 1024;

export interface CheckpointOptions {
  /** Segments up to this index are included in the checkpoint. */
  readonly lastSegment: number;
  /** Time in ms before which samples are not copied into the checkpoint. */
  readonly minTime: number;
  /** Time in ms before which a deletion must end so that it is not copied; default `minTime`. */
  readonly tombstonesFrom?: number;
  /** Returns whether the series with a reference in the log is still needed. */
  readonly keepSeries: (ref: number) => boolean;
  readonly compression: WalCompression;
  /** Called when the checkpoint is complete on the disk, before it becomes valid. */
  readonly beforeUse?: (() => void) | undefined;
  readonly files?: Files;
}

/** Options of a checkpoint that can be posted to another thread. */
export interface CheckpointRequest extends Omit<CheckpointOptions, "keepSeries" | "files" | "beforeUse"> {
  /** References of the series that are still needed, in any order; undefined means all series. */
  readonly keptRefs: Float64Array | undefined;
}

/** Writes a checkpoint as writeCheckpoint() does, with the series that a request lists. */
export async function runCheckpoint(
  dir: string,
  request: CheckpointRequest,
  files: Files,
  beforeUse?: () => void,
): Promise<CheckpointLeftovers> {
  const { keptRefs, ...options } = request;
  const sorted = keptRefs?.slice().sort();
  return writeCheckpoint(dir, {
    ...options,
    keepSeries: (ref) => sorted === undefined || includes(sorted, ref),
    files,
    beforeUse,
  });
}

function includes(sorted: Float64Array, ref: number): boolean {
  let from = 0;
  for (let to = sorted.length; from < to;) {
    const middle = (from + to) >>> 1;
    if (sorted[middle]! < ref) from = middle + 1;
    else to = middle;
  }
  return sorted[from] === ref;
}

/**
 * Writes `checkpoint.<lastSegment>` from the previous checkpoint and the segments up to lastSegment, then deletes the
 * previous checkpoint and these segments. Reads a few pages at a time, so that appends and queries continue.
 */
export function writeCheckpoint(dir: string, options: CheckpointOptions): Promise<CheckpointLeftovers> {
  const { lastSegment, compression, beforeUse, files = diskFiles } = options;
  return replaceByCheckpoint(dir, { lastSegment, compression, files, beforeUse }, async (writer) => {
    const previous = listCheckpoints(dir, files).at(-1);
    const covered = listSegments(dir, files).filter(
      ({ index }) => index <= lastSegment && index > (previous?.index ?? -1),
    );
    const filter = new CheckpointFilter(writer, options);
    for (const segment of [...(previous === undefined ? [] : listSegments(previous.path, files)), ...covered]) {
      const reading = await readSegment(segment.path, (record) => filter.record(record), PAGES_IN_SERVICE, files);
      // Accepts a torn end, which is the rest of a refused commit. The next start repairs any other damage.
      if (reading.recordsAfterDamage > 0) throw new DamagedSegment(segment.path, reading.damages[0]!.offset);
    }
    filter.finish();
  });
}

/** Error that a segment cannot be read completely. The segment and the log stay unchanged. */
class DamagedSegment extends Error {
  override readonly name = "DamagedSegment";

  constructor(path: string, offset: number) {
    super(`${path} at ${offset}: the log is damaged; it is not shortened before a start has mended it`);
  }
}

/** Approximate size of a metadata record in bytes. */
const METADATA_BYTES = 64 * 1024;

/** Copies the records that are still needed into a checkpoint. */
class CheckpointFilter {
  readonly #writer: WalWriter;
  readonly #options: CheckpointOptions;
  readonly #record = new ByteWriter(64 * 1024);
  readonly #samples = new SampleRecord();
  readonly #metadata = new LongMap<number, MetricMetadata>();
  #unflushed = 0;

  constructor(writer: WalWriter, options: CheckpointOptions) {
    this.#writer = writer;
    this.#options = options;
  }

  record(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const type = bytes[0]!;
    const cursor = new Cursor(bytes, 1);
    try {
      if (type === RECORD_SERIES) this.#series(cursor);
      else if (type === RECORD_SAMPLES || type === RECORD_SAMPLES_V2) this.#keepSamples(cursor, type);
      else if (isHistogramRecord(type)) this.#histograms(cursor, type);
      else if (type === RECORD_EXEMPLARS) this.#exemplars(cursor);
      else if (type === RECORD_METADATA) readMetadata(cursor, (ref, metadata) => this.#metadata.set(ref, metadata));
      else if (type === RECORD_TOMBSTONES) this.#tombstones(cursor);
    } catch (cause) {
      if (!(cause instanceof DecodeError)) throw cause;
      // Skips a record that cannot be decoded. The replay has already counted it as a corruption.
    }
  }

  /**
   * Writes the newest metadata of every series at the end of the checkpoint. Splits the metadata into records of
   * limited size, because readers refuse larger records.
   */
  finish(): void {
    this.#record.reset();
    for (const [ref, metadata] of this.#metadata) {
      if (!this.#options.keepSeries(ref)) continue;
      writeMetadata(this.#record, ref, metadata);
      if (this.#record.length < METADATA_BYTES) continue;
      this.#log();
      this.#record.reset();
    }
    this.#log();
    this.#writer.flush();
  }

  #series(cursor: Cursor): void {
    this.#record.reset();
    readSeries(cursor, (ref, labels) => {
      if (this.#options.keepSeries(ref)) writeSeries(this.#record, ref, labels);
    });
    this.#log();
  }

  #keepSamples(cursor: Cursor, type: number): void {
    const samples = this.#samples;
    readSamples(cursor, type, samples);
    const { refs, timestamps, words } = samples;
    let kept = 0;
    for (let i = 0; i < samples.count; i++) {
      if (timestamps[i]! < this.#options.minTime) continue;
      refs[kept] = refs[i]!;
      timestamps[kept] = timestamps[i]!;
      words[kept * 2] = words[i * 2]!;
      words[kept * 2 + 1] = words[i * 2 + 1]!;
      if (samples.starts !== undefined) samples.starts[kept] = samples.starts[i]!;
      kept++;
    }
    if (kept === 0) return;
    if (type === RECORD_SAMPLES_V2) writeSamplesV2(this.#record, samples, 0, kept);
    else writeSamples(this.#record, refs, timestamps, words, 0, kept);
    this.#log();
  }

  #histograms(cursor: Cursor, type: number): void {
    const kept: HistogramSample[] = [];
    readHistogramRecord(cursor, type, (sample) => {
      if (sample.timestamp >= this.#options.minTime) kept.push(sample);
    });
    const isV2 = type === RECORD_HISTOGRAMS_V2 || type === RECORD_FLOAT_HISTOGRAMS_V2;
    for (const [kind, samples] of Map.groupBy(kept, isV2 ? histogramRecordTypeV2 : histogramRecordType)) {
      writeHistograms(this.#record, kind, samples);
      this.#log();
    }
  }

  #exemplars(cursor: Cursor): void {
    const kept: SeriesExemplar[] = [];
    readExemplars(cursor, (entry) => {
      if (entry.exemplar.timestamp >= this.#options.minTime) kept.push(entry);
    });
    if (kept.length === 0) return;
    writeExemplars(this.#record, kept);
    this.#log();
  }

  #tombstones(cursor: Cursor): void {
    const kept: Tombstone[] = [];
    const { minTime, tombstonesFrom = minTime, keepSeries } = this.#options;
    readTombstones(cursor, (tombstone) => {
      if (tombstone.maxTime >= tombstonesFrom && keepSeries(tombstone.ref)) kept.push(tombstone);
    });
    if (kept.length === 0) return;
    writeTombstones(this.#record, kept);
    this.#log();
  }

  #log(): void {
    if (this.#record.length === 0) return;
    this.#writer.log(this.#record.written);
    this.#unflushed += this.#record.length;
    if (this.#unflushed < FLUSH_BYTES) return;
    this.#writer.flush();
    this.#unflushed = 0;
  }
}
