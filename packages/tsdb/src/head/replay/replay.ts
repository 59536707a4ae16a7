import { Cursor, DecodeError } from "@narthex/bytes";
import { histogramProblem, type Labels } from "@narthex/model";
import { readHistogramRecord } from "../../wal/histogram-records.ts";
import {
  readExemplars,
  readLabels,
  readMetadata,
  readSamples,
  readTombstones,
  RECORD_CUSTOM_FLOAT_HISTOGRAMS,
  RECORD_CUSTOM_HISTOGRAMS,
  RECORD_EXEMPLARS,
  RECORD_FLOAT_HISTOGRAMS,
  RECORD_FLOAT_HISTOGRAMS_V2,
  RECORD_HISTOGRAMS,
  RECORD_HISTOGRAMS_V2,
  RECORD_METADATA,
  RECORD_SAMPLES,
  RECORD_SAMPLES_V2,
  RECORD_SERIES,
  RECORD_TOMBSTONES,
  SampleRecord,
} from "../../wal/records.ts";
import { ReplayBuffer } from "./replay-buffer.ts";
import { EncodedLabels } from "../memory/encoded-labels.ts";
import type { Head } from "../head.ts";
import { ADDED, LoggedSamples, MOST_SAMPLES, NO_ROOM, SAMPLE_BYTES, samplesToGather } from "./logged-samples.ts";
import type { SeriesRow } from "../memory/series-rows.ts";
import { MAX_REF } from "../memory/series-references.ts";
import type { StoredChunks } from "../chunk-files/stored-chunks.ts";

/** Closed chunks that wait in memory while the log is replayed. */
const MAX_CHUNK_BYTES = 2 * 1024 * 1024;
/** Room for those of short logs; it grows with what comes. */
const FIRST_SAMPLES = 4 * 1024;

function columnsOf(samples: number): LoggedSamples {
  return new LoggedSamples(new ArrayBuffer(samples * SAMPLE_BYTES));
}

/**
 * Puts log records back into a head. Float samples are gathered and encoded series by series: before something else of
 * a series is put in, its samples are, and after the last record end() must be called.
 */
export class Replay {
  readonly #head: Head;
  readonly #samples = new SampleRecord();
  /** References of the log that are not their series' own: the same labels came again, or the number was taken. */
  readonly aliases = new Map<number, SeriesRow>();
  /** Samples whose series no record names. */
  unknownReferences = 0;
  /** Records that could not be decoded although their checksum was right. */
  undecodable = 0;
  samples = 0;

  readonly #labels = new EncodedLabels();
  readonly #stored: StoredChunks | undefined;
  readonly #gatheredSamples: number | undefined;
  readonly #runs: ReplayBuffer;
  #gathered: LoggedSamples | undefined;
  /** So many of them are known to #runs. */
  #taken = 0;

  /**
   * With chunk files: series get their chunks back, and what closes meanwhile is moved out of memory. `gatheredSamples`
   * instead of a number that goes with the series.
   */
  constructor(head: Head, stored?: StoredChunks, gatheredSamples?: number) {
    this.#head = head;
    this.#stored = stored;
    this.#gatheredSamples = gatheredSamples;
    this.#runs = new ReplayBuffer(head);
  }

  /** The bytes are the caller's again afterwards. */
  record(bytes: Uint8Array): void {
    if (bytes.length > 0 && !this.#gather(bytes)) this.other(bytes);
  }

  /** A record that columns do not hold. */
  other(record: Uint8Array): void {
    this.#storeChunks();
    try {
      this.#dispatch(new Cursor(record, 1), record[0]!);
    } catch (cause) {
      if (!(cause instanceof DecodeError)) throw cause;
      this.undecodable++;
    }
  }

  /** Encodes what was gathered. */
  end(): void {
    this.#encode();
    this.#gathered = undefined;
  }

  /** Float samples that should be put in at a time. */
  get partSamples(): number {
    return this.#gatheredSamples ?? samplesToGather(this.#head.memory.series.end);
  }

  /** Float samples [from, to) of columns, in the log's order; encodeGathered() must follow before the columns change. */
  floats(samples: LoggedSamples, from: number, to: number): void {
    if (samples !== this.#gathered && this.#taken > 0) this.#encode();
    this.samples += to - from;
    this.#runs.take(samples, from, to, this.#rowOrUnknown);
  }

  encodeGathered(): void {
    this.#runs.encodeAll(this.#storeChunks);
  }

  /** Returns false for a record that must be read by itself. */
  #gather(record: Uint8Array): boolean {
    if (record[0] !== RECORD_SAMPLES) return false;
    let samples = (this.#gathered ??= columnsOf(this.#gatheredSamples ?? FIRST_SAMPLES));
    samples.limit = Math.min(samples.capacity, this.partSamples);
    let addition = samples.add(record);
    while (addition !== ADDED) {
      const grows = this.#gatheredSamples === undefined && samples.capacity < this.partSamples;
      if (addition !== NO_ROOM && !grows) return false;
      if (grows) this.#gathered = samples = samples.grown(Math.min(samples.capacity * 4, MOST_SAMPLES));
      else this.#encode();
      samples.limit = Math.min(samples.capacity, this.partSamples);
      addition = samples.add(record);
    }
    this.floats(samples, this.#taken, samples.count);
    this.#taken = samples.count;
    return true;
  }

  #encode(): void {
    this.encodeGathered();
    if (this.#gathered !== undefined) this.#gathered.count = 0;
    this.#taken = 0;
  }

  readonly #storeChunks = (): void => {
    if (this.#stored !== undefined && this.#head.memory.chunks.bytesInMemory > MAX_CHUNK_BYTES) this.#stored.storeNow();
  };

  #dispatch(cursor: Cursor, type: number): void {
    switch (type) {
      case RECORD_SERIES:
        // Since the last one samples have taken of it, too.
        this.#head.memory.capacity.forgetCertainRoom();
        while (cursor.rest > 0) this.encodedSeries(cursor.u64(), cursor);
        return;
      case RECORD_SAMPLES:
      case RECORD_SAMPLES_V2:
        readSamples(cursor, type, this.#samples);
        this.#insertSamples();
        return;
      case RECORD_HISTOGRAMS:
      case RECORD_CUSTOM_HISTOGRAMS:
      case RECORD_FLOAT_HISTOGRAMS:
      case RECORD_CUSTOM_FLOAT_HISTOGRAMS:
      case RECORD_HISTOGRAMS_V2:
      case RECORD_FLOAT_HISTOGRAMS_V2:
        readHistogramRecord(cursor, type, ({ ref, timestamp, histogram, start }) => {
          const row = this.rowOf(ref);
          if (row === 0) this.#unknown(ref);
          else if (timestamp >= this.#head.minValidTime && histogramProblem(histogram) === undefined) {
            this.#runs.encodeRow(row);
            if (this.#mayInsert()) this.#head.insertHistogram(row, timestamp, histogram, start);
          }
          this.samples++;
        });
        return;
      case RECORD_EXEMPLARS:
        readExemplars(cursor, ({ ref, exemplar }) => {
          const row = this.rowOf(ref);
          const { series } = this.#head.memory;
          if (row !== 0) this.#head.exemplars.addNewer(series.at.ref[row]!, series.labelsOf(row), exemplar);
        });
        return;
      case RECORD_METADATA:
        readMetadata(cursor, (ref, metadata) => {
          const row = this.rowOf(ref);
          if (row !== 0) this.#head.metadata.set(this.#head.memory.series.at.ref[row]!, metadata);
        });
        return;
      case RECORD_TOMBSTONES:
        readTombstones(cursor, ({ ref, minTime, maxTime }) => {
          const row = this.rowOf(ref);
          if (row === 0) this.#head.memory.series.reserve(ref);
          else this.#head.tombstones.add(this.#head.memory.series.at.ref[row]!, { minTime, maxTime });
        });
        return;
      default:
      // Types of later versions: Prometheus reads over them too.
    }
  }

  /** Samples of a record that columns cannot hold: of a later version, or with references or times far apart. */
  #insertSamples(): void {
    const { refs, timestamps, words, count } = this.#samples;
    // What is older lies in blocks.
    const { minValidTime } = this.#head;
    this.samples += count;
    for (let i = 0; i < count; i++) {
      const row = this.rowOf(refs[i]!);
      if (row === 0) this.#unknown(refs[i]!);
      else if (timestamps[i]! >= minValidTime) {
        this.#runs.encodeRow(row);
        if (!this.#mayInsert()) continue;
        this.#head.insertFloat(row, timestamps[i]!, words[i * 2 + 1]!, words[i * 2]!, this.#samples.startOf(i));
      }
    }
  }

  /** A log may hold more than a head: samples that find no room are left out, and counted. */
  #mayInsert(): boolean {
    const { capacity } = this.#head.memory;
    if (capacity.hasReserve) return true;
    capacity.refuseSamples(1);
    return false;
  }

  #unknown(ref: number): void {
    this.unknownReferences++;
    this.#head.memory.series.reserve(ref);
  }

  /** Takes the series that a log knows by this reference, and whose labels come next. Throws DecodeError. */
  encodedSeries(ref: number, cursor: Cursor): void {
    const { series, capacity } = this.#head.memory;
    const labels = this.#labels;
    const end = labels.read(cursor.bytes, cursor.at, cursor.end);
    if (end < 0 || !capacity.takeCertainRoom(labels.count)) {
      this.series(ref, readLabels(cursor));
      return;
    }
    cursor.at = end;
    const known = series.findEncoded(labels);
    if (known !== 0) this.#known(ref, known);
    else if (this.#canKeep(ref)) this.#attach(ref, series.addEncoded(labels, ref), true);
    else this.#renamed(ref, series.addEncoded(labels));
  }

  /** Takes the series that a log knows by this reference. */
  series(ref: number, labels: Labels): void {
    const { series } = this.#head.memory;
    const known = series.find(labels);
    const canKeepRef = known === 0 && this.#canKeep(ref);
    if (known !== 0) this.#known(ref, known);
    else if (!this.#head.memory.capacity.takesSeries(labels, !canKeepRef)) series.reserve(ref);
    else if (canKeepRef) this.#attach(ref, series.add(labels, ref), true);
    else this.#renamed(ref, series.add(labels));
  }

  #canKeep(ref: number): boolean {
    return ref > 0 && ref <= MAX_REF && this.#head.memory.series.rowOf(ref) === 0 && !this.aliases.has(ref);
  }

  #known(ref: number, row: SeriesRow): void {
    if (this.#head.memory.series.at.ref[row] !== ref) this.#alias(ref, row);
  }

  /** The reference is taken: a new series has another one. */
  #renamed(ref: number, row: SeriesRow): void {
    this.#head.counters.seriesCreated++;
    this.#alias(ref, row);
    this.#head.requeueSeriesRecord(row);
  }

  /** Chunks from files come behind or before it, never into it. */
  #closeOpenChunk(row: SeriesRow): void {
    const { series } = this.#head.memory;
    this.#head.histogramChunks.end(row);
    if (series.at.openBlock[row] !== 0) this.#head.floats.close(row);
  }

  #alias(ref: number, row: SeriesRow): void {
    // Of two series under one reference the first would be given the chunks of the second.
    this.#head.memory.series.reserve(ref);
    this.aliases.set(ref, row);
    this.#attach(ref, row);
  }

  #attach(ref: number, row: SeriesRow, isNew = false): void {
    if (isNew) this.#head.counters.seriesCreated++;
    this.#runs.encodeRow(row);
    if (this.#stored?.loaded.has(ref) === true) this.#closeOpenChunk(row);
    const range = this.#stored?.loaded.attach(ref, row);
    if (range === undefined) return;
    this.#head.seen(range.minTime);
    this.#head.seen(range.maxTime);
  }

  readonly #rowOrUnknown = (ref: number): SeriesRow => {
    const row = this.rowOf(ref);
    if (row === 0) this.#unknown(ref);
    return row;
  };

  /** Row of a reference of the log, 0 when no record names it. */
  rowOf(ref: number): SeriesRow {
    if (this.aliases.size > 0) {
      const row = this.aliases.get(ref);
      if (row !== undefined) return row;
    }
    return ref <= MAX_REF ? this.#head.memory.series.rowOf(ref) : 0;
  }
}
