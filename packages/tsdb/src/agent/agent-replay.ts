import { Cursor, DecodeError } from "@narthex/bytes";
import type { Labels } from "@narthex/model";
import type { RecordReader } from "../head/replay/read-log.ts";
import { MAX_REF } from "../head/memory/series-references.ts";
import type { SeriesRow } from "../head/memory/series-rows.ts";
import { isHistogramRecord, readHistogramRecord } from "../wal/histogram-records.ts";
import {
  readSamples,
  readSeries,
  RECORD_SAMPLES,
  RECORD_SAMPLES_V2,
  RECORD_SERIES,
  SampleRecord,
} from "../wal/records.ts";
import type { AgentSeries } from "./agent-series.ts";

/** Restores an agent's series, and the time of each series' newest sample, from the write-ahead log. */
export class AgentReplay implements RecordReader {
  /**
   * References in the log that are not the current reference of any series, such as earlier references of a series. The
   * value is the number of the last log segment that contains the reference: the truncation of the log keeps the
   * reference's series record as long as this segment exists.
   */
  readonly expiries = new Map<number, number>();
  /** Time of the newest sample in each log segment, ms, by segment number. */
  readonly newest = new Map<number, number>();
  /** Number of samples in the log whose series reference has no series record. */
  unknownReferences = 0;
  /** Number of records with a correct checksum that could not be decoded. */
  undecodable = 0;
  readonly #series: AgentSeries;
  readonly #segment: () => number;
  readonly #samples = new SampleRecord();
  /**
   * Rows in the series table by references that a series has in addition to its current reference, for example because
   * it was removed and added again.
   */
  readonly #aliases = new Map<number, SeriesRow>();

  /** @param segment returns the number of the segment that is being read */
  constructor(series: AgentSeries, segment: () => number) {
    this.#series = series;
    this.#segment = segment;
  }

  record(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    try {
      this.#read(new Cursor(bytes, 1), bytes[0]!);
    } catch (cause) {
      if (!(cause instanceof DecodeError)) throw cause;
      this.undecodable++;
    }
  }

  end(): void {
    // Does nothing, because this reader does not buffer samples.
  }

  #read(cursor: Cursor, type: number): void {
    if (type === RECORD_SERIES) readSeries(cursor, (ref, labels) => this.#add(ref, labels));
    else if (type === RECORD_SAMPLES || type === RECORD_SAMPLES_V2) {
      const samples = this.#samples;
      readSamples(cursor, type, samples);
      for (let i = 0; i < samples.count; i++) this.#seen(samples.refs[i]!, samples.timestamps[i]!);
    } else if (isHistogramRecord(type)) {
      readHistogramRecord(cursor, type, ({ ref, timestamp }) => this.#seen(ref, timestamp));
    }
  }

  /** Adds a series record. The first reference that the log contains for a series becomes the reference of its row. */
  #add(ref: number, labels: Labels): void {
    const series = this.#series;
    const known = series.find(labels);
    if (known !== 0 && series.at.ref[known] === ref) return;
    series.references.reserve(ref);
    if (known !== 0) this.#aliases.set(ref, known);
    const isFree = ref > 0 && ref <= MAX_REF && series.rowOf(ref) === 0 && !this.#aliases.has(ref);
    if (known === 0 && isFree && series.lacksRoomFor(labels) === undefined) series.add(labels, ref);
    // Keeps the series record of `ref` in the log as long as its segment exists, because `ref` is an old reference and
    // no series has it now. If the series got no row above, its next sample gets another reference.
    else this.expiries.set(ref, this.#segment());
  }

  #seen(ref: number, time: number): void {
    const segment = this.#segment();
    if (time > (this.newest.get(segment) ?? -Infinity)) this.newest.set(segment, time);
    if (this.expiries.size > 0 && this.expiries.has(ref)) this.expiries.set(ref, segment);
    const row = this.#aliases.get(ref) ?? (ref <= MAX_REF ? this.#series.rowOf(ref) : 0);
    if (row === 0) {
      if (!this.expiries.has(ref)) this.unknownReferences++;
      this.#series.references.reserve(ref);
      return;
    }
    const { lastTime } = this.#series.at;
    if (time > lastTime[row]!) lastTime[row] = time;
  }
}
