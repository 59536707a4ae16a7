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
import { ADDED, LoggedSamples, MAX_SAMPLES, NO_ROOM, SAMPLE_BYTES, samplesToGather } from "./logged-samples.ts";
import type { SeriesRow } from "../memory/series-rows.ts";
import { MAX_REF } from "../memory/series-references.ts";
import type { StoredChunks } from "../chunk-files/stored-chunks.ts";

/** Largest size in bytes of the closed chunks that stay in memory during the replay before they are moved to files. */
const MAX_CHUNK_BYTES = 2 * 1024 * 1024;
/**
 * Number of samples for which memory is allocated at the start. This is enough for short logs; the memory grows with
 * the number of samples.
 */
const FIRST_SAMPLES = 4 * 1024;

function columnsOf(samples: number): LoggedSamples {
  return new LoggedSamples(new ArrayBuffer(samples * SAMPLE_BYTES));
}

/**
 * Applies log records to a head at a start. Float samples are collected and encoded series by series. The collected
 * samples of a series are encoded before another record of the series is applied. end() must be called after the last
 * record.
 */
export class Replay {
  readonly #head: Head;
  readonly #samples = new SampleRecord();
  /**
   * Rows of series by older references in the log. A series has several references if its labels were logged more than
   * once, or if its first reference was already in use.
   */
  readonly aliases = new Map<number, SeriesRow>();
  /** Number of samples whose reference has no series record. */
  unknownReferences = 0;
  /** Number of records with a correct checksum that could not be decoded. */
  undecodable = 0;
  samples = 0;

  readonly #labels = new EncodedLabels();
  readonly #stored: StoredChunks | undefined;
  readonly #gatheredSamples: number | undefined;
  readonly #runs: ReplayBuffer;
  #gathered: LoggedSamples | undefined;
  /** Number of collected samples that were already passed to #runs. */
  #taken = 0;

  /**
   * If the head has chunk files, series get their chunks back, and chunks that are closed during the replay are moved
   * to files.
   * @param gatheredSamples number of samples to collect; by default it depends on the number of series
   */
  constructor(head: Head, gatheredSamples?: number) {
    this.#head = head;
    this.#stored = head.stored;
    this.#gatheredSamples = gatheredSamples;
    this.#runs = new ReplayBuffer(head);
  }

  /** Applies a log record. The caller may overwrite the record's bytes after the call. */
  record(bytes: Uint8Array): void {
    if (bytes.length > 0 && !this.#gather(bytes)) this.other(bytes);
  }

  /** Applies a record that LoggedSamples cannot represent. */
  other(record: Uint8Array): void {
    this.#storeChunks();
    try {
      this.#dispatch(new Cursor(record, 1), record[0]!);
    } catch (cause) {
      if (!(cause instanceof DecodeError)) throw cause;
      this.undecodable++;
    }
  }

  /** Encodes the remaining collected samples. */
  end(): void {
    this.#encode();
    this.#gathered = undefined;
  }

  /** Number of float samples that each call of floats() should add. */
  get partSamples(): number {
    return this.#gatheredSamples ?? samplesToGather(this.#head.memory.series.end);
  }

  /**
   * Adds the float samples [from, to) of columns, in the order of the log. encodeGathered() must be called before the
   * columns change.
   */
  floats(samples: LoggedSamples, from: number, to: number): void {
    if (samples !== this.#gathered && this.#taken > 0) this.#encode();
    this.samples += to - from;
    this.#runs.take(samples, from, to, this.#rowOrUnknown);
  }

  encodeGathered(): void {
    this.#runs.encodeAll(this.#storeChunks);
  }

  /** Collects the samples of a log record. Returns false if the record must be applied by other() instead. */
  #gather(record: Uint8Array): boolean {
    if (record[0] !== RECORD_SAMPLES) return false;
    let samples = (this.#gathered ??= columnsOf(this.#gatheredSamples ?? FIRST_SAMPLES));
    samples.limit = Math.min(samples.capacity, this.partSamples);
    let addition = samples.add(record);
    while (addition !== ADDED) {
      const grows = this.#gatheredSamples === undefined && samples.capacity < this.partSamples;
      if (addition !== NO_ROOM && !grows) return false;
      if (grows) this.#gathered = samples = samples.grown(Math.min(samples.capacity * 4, MAX_SAMPLES));
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
        // Clears the cached number of series that certainly fit into memory, because samples have used memory since the
        // last series record.
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
      // Ignores record types of later versions, as Prometheus does.
    }
  }

  /**
   * Inserts the samples of a record that LoggedSamples cannot represent, because the record has a later version or its
   * references or times are far apart.
   */
  #insertSamples(): void {
    const { refs, timestamps, words, count } = this.#samples;
    // Time before which samples are skipped, because blocks contain them.
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

  /**
   * Returns whether there is room for a sample, and counts samples without room. A log may have more samples than a
   * head has room for.
   */
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

  /** Adds the series that has this reference in the log. The cursor is at its encoded labels. Throws DecodeError. */
  encodedSeries(ref: number, cursor: Cursor): void {
    const { series, capacity } = this.#head.memory;
    const labels = this.#labels;
    const end = labels.read(cursor.bytes, cursor.at, cursor.end);
    if (end < 0 || !capacity.tryReserveRoom(labels.count)) {
      this.series(ref, readLabels(cursor));
      return;
    }
    cursor.at = end;
    const known = series.findEncoded(labels);
    if (known !== 0) this.#known(ref, known);
    else if (this.#canKeep(ref)) this.#attach(ref, series.addEncoded(labels, ref), true);
    else this.#renamed(ref, series.addEncoded(labels));
  }

  /** Adds the series that has this reference in the log. */
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

  /**
   * Handles a new series whose reference in the log already belongs to another series. The new series has got another
   * reference, under which its labels are logged again.
   */
  #renamed(ref: number, row: SeriesRow): void {
    this.#head.counters.seriesCreated++;
    this.#alias(ref, row);
    this.#head.requeueSeriesRecord(row);
  }

  /** Closes the open chunk of a series, because chunks from files follow and are always separate chunks. */
  #closeOpenChunk(row: SeriesRow): void {
    const { series } = this.#head.memory;
    this.#head.histogramChunks.end(row);
    if (series.at.openBlock[row] !== 0) this.#head.floats.close(row);
  }

  #alias(ref: number, row: SeriesRow): void {
    // Reserves the reference, because chunk files may contain chunks with it. If a new series got the reference, the
    // chunks would belong to two series.
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

  /** Returns the row of a reference in the log; 0 if no series record has the reference. */
  rowOf(ref: number): SeriesRow {
    if (this.aliases.size > 0) {
      const row = this.aliases.get(ref);
      if (row !== undefined) return row;
    }
    return ref <= MAX_REF ? this.#head.memory.series.rowOf(ref) : 0;
  }
}
