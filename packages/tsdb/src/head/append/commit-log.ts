import { ByteWriter } from "@narthex/bytes";
import {
  histogramRecordType,
  histogramRecordTypeV2,
  type HistogramSample,
  writeHistograms,
} from "../../wal/histogram-records.ts";
import {
  beginSeries,
  type LoggedColumns,
  SampleRecord,
  type SeriesExemplar,
  writeExemplars,
  writeMetadata,
  writeSamples,
  writeSamplesV2,
} from "../../wal/records.ts";
import type { Durability } from "../../wal/durability.ts";
import type { PackedRecord, WalWriter } from "../../wal/writer.ts";
import type { LoggedSeries } from "./logged-series.ts";
import type { PendingSamples } from "./pending-samples.ts";
import type { SeriesMetadataEntry } from "../memory/series-metadata.ts";
import type { SeriesRow } from "../memory/series-rows.ts";

/** Number of collected bytes at which put() writes them to the file. */
const FLUSH_BYTES = 1024 * 1024;

/**
 * Encodes commits as records of the write-ahead log. Records in the own buffer reach the file with flush(). Records
 * that are collected in an `into` list reach the log with put().
 */
export class CommitLog {
  readonly wal: WalWriter;
  readonly #durability: Durability;
  readonly #withStarts: boolean;
  readonly #record = new ByteWriter(64 * 1024);
  readonly #inOrder = new SampleRecord();

  /** @param withStarts whether records of version 2 are written, which have start timestamps */
  constructor(wal: WalWriter, durability: Durability, withStarts = false) {
    this.wal = wal;
    this.#withStarts = withStarts;
    this.#durability = durability;
  }

  series(table: LoggedSeries, rows: readonly SeriesRow[]): void {
    this.#record.reset();
    for (const row of rows) {
      beginSeries(this.#record, table.at.ref[row]!);
      table.writeLabels(this.#record, row);
    }
    if (this.#record.length > 0) this.wal.log(this.#record.written);
  }

  floats(samples: PendingSamples, from: number, to: number, into?: PackedRecord[]): void {
    this.#floatRecord(samples, from, to, into);
  }

  /**
   * Logs the float samples that are in order. Out-of-order samples have a separate log. In a common log, the replay
   * could treat an out-of-order sample as in order, for example if its series is new.
   */
  floatsInOrder(
    samples: PendingSamples,
    isOutOfOrder: (row: SeriesRow, time: number) => boolean,
    from: number,
    to: number,
    into?: PackedRecord[],
  ): void {
    const { refs, rows, timestamps, words, starts } = samples;
    const kept = this.#inOrder;
    kept.reserve(to - from);
    if (starts !== undefined) kept.starts ??= new Float64Array(kept.refs.length);
    let count = 0;
    for (let i = from; i < to; i++) {
      if (isOutOfOrder(rows[i]!, timestamps[i]!)) continue;
      kept.refs[count] = refs[i]!;
      kept.timestamps[count] = timestamps[i]!;
      kept.words[count * 2] = words[i * 2]!;
      kept.words[count * 2 + 1] = words[i * 2 + 1]!;
      if (kept.starts !== undefined) kept.starts[count] = starts?.[i] ?? 0;
      count++;
    }
    this.#floatRecord(kept, 0, count, into);
  }

  #floatRecord(samples: LoggedColumns, from: number, to: number, into: PackedRecord[] | undefined): void {
    if (from === to) return;
    if (this.#withStarts) writeSamplesV2(this.#record, samples, from, to);
    else writeSamples(this.#record, samples.refs, samples.timestamps, samples.words, from, to);
    this.#log(into);
  }

  metadata(entries: readonly SeriesMetadataEntry[], into?: PackedRecord[]): void {
    if (entries.length === 0) return;
    this.#record.reset();
    for (const { ref, metadata } of entries) writeMetadata(this.#record, ref, metadata);
    this.#log(into);
  }

  /**
   * Logs one record for each kind of histogram. If a series returns to an earlier kind of histogram, new records begin,
   * so that the log keeps the order of the series' histograms.
   */
  histograms(samples: readonly HistogramSample[], into?: PackedRecord[]): void {
    let start = 0;
    const kinds = new Map<number, number>();
    for (const [i, sample] of samples.entries()) {
      const kind = this.#typeOf(sample);
      if (kind < (kinds.get(sample.ref) ?? 0)) {
        this.#histogramRecords(samples.slice(start, i), into);
        start = i;
        kinds.clear();
      }
      kinds.set(sample.ref, kind);
    }
    this.#histogramRecords(start === 0 ? samples : samples.slice(start), into);
  }

  #histogramRecords(samples: readonly HistogramSample[], into: PackedRecord[] | undefined): void {
    const byType = Map.groupBy(samples, (sample) => this.#typeOf(sample));
    for (const type of [...byType.keys()].sort((a, b) => a - b)) {
      writeHistograms(this.#record, type, byType.get(type)!);
      this.#log(into);
    }
  }

  exemplars(exemplars: readonly SeriesExemplar[], into?: PackedRecord[]): void {
    if (exemplars.length === 0) return;
    writeExemplars(this.#record, exemplars);
    this.#log(into);
  }

  /** Adds the collected records to the log, and flushes the log. Throws the system's error. */
  put(records: readonly PackedRecord[]): void {
    let unflushed = 0;
    for (const record of records) {
      this.wal.logPacked(record);
      unflushed += record.payload.length;
      if (unflushed < FLUSH_BYTES) continue;
      this.wal.flush();
      unflushed = 0;
    }
    this.wal.flush();
  }

  #typeOf(sample: HistogramSample): number {
    return this.#withStarts ? histogramRecordTypeV2(sample) : histogramRecordType(sample);
  }

  #log(into: PackedRecord[] | undefined): void {
    if (into === undefined) this.wal.log(this.#record.written);
    else into.push(this.wal.pack(this.#record.written));
  }

  /** Passes all records to the operating system, so that they survive a crash of the process. */
  flush(): void {
    this.wal.flush();
  }

  /**
   * Runs `write`, which logs records. After the call the file contains all records of `write`, or none of them. Throws
   * the error of `write`.
   */
  atOnce(write: () => void): void {
    this.wal.atOnce(write);
  }

  /**
   * Resolves when the flushed records are as durable as configured (synced to the disk or not). Returns undefined if
   * they already are.
   */
  durable(): Promise<void> | undefined {
    return this.#durability.durable();
  }

  /** Reports that a write of the log has failed. Logs a message only for the first failure after a success. */
  failed(cause: unknown): void {
    this.#durability.writing.failed(cause instanceof Error ? cause.message : String(cause));
  }

  succeeded(): void {
    this.#durability.writing.succeeded();
  }
}
