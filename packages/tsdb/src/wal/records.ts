import { type ByteWriter, type Cursor, DecodeError, writeVarint } from "@narthex/bytes";
import { Labels, wordsOf } from "@narthex/model";
import type { Exemplar, MetricMetadata } from "@narthex/storage";
import {
  RECORD_SERIES,
  RECORD_SAMPLES,
  RECORD_TOMBSTONES,
  RECORD_EXEMPLARS,
  RECORD_MARKERS,
  RECORD_METADATA,
  RECORD_SAMPLES_V2,
} from "./record-types.ts";

export {
  RECORD_SERIES,
  RECORD_SAMPLES,
  RECORD_TOMBSTONES,
  RECORD_EXEMPLARS,
  RECORD_MARKERS,
  RECORD_METADATA,
  RECORD_HISTOGRAMS,
  RECORD_FLOAT_HISTOGRAMS,
  RECORD_CUSTOM_HISTOGRAMS,
  RECORD_CUSTOM_FLOAT_HISTOGRAMS,
  RECORD_SAMPLES_V2,
  RECORD_HISTOGRAMS_V2,
  RECORD_FLOAT_HISTOGRAMS_V2,
} from "./record-types.ts";

/** Values of the byte that encodes how a v2 record stores a sample's start time. */
const START_NONE = 0;
const START_SAME = 1;
const START_EXPLICIT = 2;

/** Largest size of a sample, bytes: two varints and a float. */
const SAMPLE_BYTES_MAX = 28;

/** Metric types, by their number in metadata records. */
const METRIC_TYPES = ["unknown", "counter", "gauge", "histogram", "gaugehistogram", "summary", "info", "stateset"];

/** Float samples of one record, in columns. */
export class SampleRecord {
  refs = new Float64Array(1024);
  timestamps = new Float64Array(1024);
  values = new Float64Array(1024);
  words: Uint32Array = wordsOf(this.values);
  /** Start times of the counters, ms. The column exists if a record had start times. */
  starts: Float64Array | undefined;
  count = 0;

  /** Returns the start time of the counter of sample `i`, ms; 0 if unknown. */
  startOf(i: number): number {
    return this.starts?.[i] ?? 0;
  }

  reserve(count: number): void {
    if (count <= this.refs.length) return;
    const size = Math.max(count, this.refs.length * 2);
    const { refs, timestamps, words } = this;
    this.refs = new Float64Array(size);
    this.timestamps = new Float64Array(size);
    this.values = new Float64Array(size);
    this.words = wordsOf(this.values);
    this.refs.set(refs);
    this.timestamps.set(timestamps);
    this.words.set(words);
    if (this.starts === undefined) return;
    const starts = new Float64Array(size);
    starts.set(this.starts);
    this.starts = starts;
  }
}

/** Adds a series to a record. Writes the record's type first if the record is empty. */
export function writeSeries(into: ByteWriter, ref: number, labels: Labels): void {
  beginSeries(into, ref);
  writeLabels(into, labels);
}

/** Adds a series as writeSeries() does, without the labels. The caller must write the labels next. */
export function beginSeries(into: ByteWriter, ref: number): void {
  if (into.length === 0) into.u8(RECORD_SERIES);
  into.i64(ref);
}

/** Writes a label set in the format of log records. */
function writeLabels(into: ByteWriter, labels: Labels): void {
  into.uvarint(labels.size);
  for (const text of labels.pairs) into.text(text);
}

export function readSeries(cursor: Cursor, visit: (ref: number, labels: Labels) => void): void {
  while (cursor.rest > 0) {
    const ref = cursor.u64();
    visit(ref, readLabels(cursor));
  }
}

/**
 * Reads a label set that writeLabels() wrote. The labels may be unsorted, since later versions may write unsorted
 * labels.
 */
export function readLabels(cursor: Cursor): Labels {
  const count = cursor.uvarint();
  const entries: [string, string][] = [];
  for (let i = 0; i < count; i++) entries.push([cursor.text(), cursor.text()]);
  return Labels.of(entries);
}

/** Writes samples [from, to) of columns as one record. */
export function writeSamples(
  into: ByteWriter,
  refs: Uint32Array | Float64Array,
  timestamps: Float64Array,
  words: Uint32Array,
  from: number,
  to: number,
): void {
  into.reset();
  into.reserve(17 + (to - from) * SAMPLE_BYTES_MAX);
  into.u8(RECORD_SAMPLES);
  const baseRef = refs[from]!;
  const baseTime = timestamps[from]!;
  into.i64(baseRef);
  into.i64(baseTime);
  const { bytes } = into;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = into.length;
  for (let i = from; i < to; i++) {
    const ref = refs[i]! - baseRef;
    const time = timestamps[i]! - baseTime;
    // Uses a faster function for small numbers, because most references and times take one or two bytes.
    at = ref >= 0 && ref < 8192 ? writeShort(bytes, at, ref << 1) : writeVarint(bytes, at, ref);
    at = time >= 0 && time < 8192 ? writeShort(bytes, at, time << 1) : writeVarint(bytes, at, time);
    view.setUint32(at, words[i * 2 + 1]!);
    view.setUint32(at + 4, words[i * 2]!);
    at += 8;
  }
  into.length = at;
}

/** Writes a number below 2^14 as LEB128. */
function writeShort(bytes: Uint8Array, at: number, value: number): number {
  if (value < 128) {
    bytes[at] = value;
    return at + 1;
  }
  bytes[at] = value | 128;
  bytes[at + 1] = value >>> 7;
  return at + 2;
}

/** Reads a sample record of either version into columns. */
export function readSamples(cursor: Cursor, type: number, into: SampleRecord): void {
  into.count = 0;
  into.starts = undefined;
  if (cursor.rest === 0) return;
  if (type === RECORD_SAMPLES) readSamplesV1(cursor, into);
  else readSamplesV2(cursor, into);
}

function readSamplesV1(cursor: Cursor, into: SampleRecord): void {
  const baseRef = cursor.u64();
  const baseTime = cursor.i64();
  into.reserve(Math.ceil(cursor.rest / 10));
  for (let i = 0; cursor.rest > 0; i++) {
    into.refs[i] = baseRef + cursor.varint();
    into.timestamps[i] = baseTime + cursor.varint();
    cursor.f64Words(into.words, i);
    into.count = i + 1;
  }
}

function readSamplesV2(cursor: Cursor, into: SampleRecord): void {
  const order = new V2Order(cursor);
  into.starts = new Float64Array(into.refs.length);
  while (cursor.rest > 0) {
    const i = into.count;
    into.reserve(i + 1);
    order.next(cursor);
    into.starts[i] = order.start;
    into.refs[i] = order.ref;
    into.timestamps[i] = order.time;
    cursor.f64Words(into.words, i);
    into.count = i + 1;
  }
}

/** Writes samples [from, to) of columns as one record with the start times of their counters. */
export function writeSamplesV2(
  into: ByteWriter,
  { refs, timestamps, words, starts }: LoggedColumns,
  from: number,
  to: number,
): void {
  into.reset();
  into.u8(RECORD_SAMPLES_V2);
  const order = new V2OrderWriter(into);
  for (let i = from; i < to; i++) {
    order.next(refs[i]!, timestamps[i]!, starts?.[i] ?? 0);
    into.f64Words(words[i * 2 + 1]!, words[i * 2]!);
  }
}

/**
 * The samples of a log record as columns, with one entry per sample: series reference, time, the two 32-bit halves of
 * the value, and start time. `starts` is undefined if no sample has a start time.
 */
export interface LoggedColumns {
  readonly refs: Uint32Array | Float64Array;
  readonly timestamps: Float64Array;
  readonly words: Uint32Array;
  readonly starts?: Float64Array | undefined;
}

/** Writes references, times and start times in the format that V2Order reads. */
export class V2OrderWriter {
  readonly #into: ByteWriter;
  #first = true;
  #ref = 0;
  #start = 0;
  #firstTime = 0;
  #firstStart = 0;

  constructor(into: ByteWriter) {
    this.#into = into;
  }

  next(ref: number, time: number, start: number): void {
    const into = this.#into;
    if (this.#first) {
      this.#first = false;
      this.#firstTime = time;
      this.#firstStart = start;
      into.varint(ref);
      into.varint(time);
      into.varint(start);
    } else {
      into.varint(ref - this.#ref);
      into.varint(time - this.#firstTime);
      if (start === 0) into.u8(START_NONE);
      else if (start === this.#start) into.u8(START_SAME);
      else {
        into.u8(START_EXPLICIT);
        into.varint(start - this.#firstStart);
      }
    }
    this.#ref = ref;
    this.#start = start;
  }
}

/** Reads the reference, the time and the start time of each sample of a v2 record. */
export class V2Order {
  ref = 0;
  time = 0;
  /** Start time of the counter, ms; 0 if unknown. */
  start = 0;
  readonly #firstStart: number;
  #firstTime = 0;
  #first = true;

  constructor(cursor: Cursor) {
    this.ref = cursor.varint();
    this.#firstTime = cursor.varint();
    this.#firstStart = cursor.varint();
    this.start = this.#firstStart;
  }

  next(cursor: Cursor): void {
    if (this.#first) {
      this.#first = false;
      this.time = this.#firstTime;
      return;
    }
    this.ref += cursor.varint();
    this.time = this.#firstTime + cursor.varint();
    const marker = cursor.u8();
    if (marker === START_EXPLICIT) this.start = this.#firstStart + cursor.varint();
    else if (marker === START_NONE) this.start = 0;
    else if (marker !== START_SAME) {
      throw new DecodeError(`unknown start-time marker ${marker}`, cursor.at);
    }
  }
}

export interface SeriesExemplar {
  readonly ref: number;
  readonly exemplar: Exemplar;
}

export function writeExemplars(into: ByteWriter, exemplars: readonly SeriesExemplar[]): void {
  into.reset();
  into.u8(RECORD_EXEMPLARS);
  const first = exemplars[0]!;
  into.i64(first.ref);
  into.i64(first.exemplar.timestamp);
  for (const { ref, exemplar } of exemplars) {
    into.varint(ref - first.ref);
    into.varint(exemplar.timestamp - first.exemplar.timestamp);
    into.f64(exemplar.value);
    writeLabels(into, exemplar.labels);
  }
}

export function readExemplars(cursor: Cursor, visit: (entry: SeriesExemplar) => void): void {
  if (cursor.rest === 0) return;
  const baseRef = cursor.u64();
  const baseTime = cursor.i64();
  while (cursor.rest > 0) {
    const ref = baseRef + cursor.varint();
    const timestamp = baseTime + cursor.varint();
    const value = cursor.f64();
    visit({ ref, exemplar: { labels: readLabels(cursor), value, timestamp } });
  }
}

/** Adds one entry to a metadata record. Writes the record's type first if the record is empty. */
export function writeMetadata(into: ByteWriter, ref: number, metadata: MetricMetadata): void {
  if (into.length === 0) into.u8(RECORD_METADATA);
  into.uvarint(ref);
  into.u8(Math.max(0, METRIC_TYPES.indexOf(metadata.type)));
  into.uvarint(2);
  into.text("UNIT");
  into.text(metadata.unit);
  into.text("HELP");
  into.text(metadata.help);
}

export function readMetadata(cursor: Cursor, visit: (ref: number, metadata: MetricMetadata) => void): void {
  while (cursor.rest > 0) {
    const ref = cursor.uvarint();
    const type = METRIC_TYPES[cursor.u8()] ?? "unknown";
    const fields = new Map<string, string>();
    for (let left = cursor.uvarint(); left > 0; left--) fields.set(cursor.text(), cursor.text());
    visit(ref, { type, help: fields.get("HELP") ?? "", unit: fields.get("UNIT") ?? "" });
  }
}

/** A time range of a series in which the samples are deleted. */
export interface Tombstone {
  readonly ref: number;
  readonly minTime: number;
  readonly maxTime: number;
}

export function writeTombstones(into: ByteWriter, tombstones: Iterable<Tombstone>): void {
  into.reset();
  into.u8(RECORD_TOMBSTONES);
  for (const { ref, minTime, maxTime } of tombstones) {
    into.i64(ref);
    into.varint(minTime);
    into.varint(maxTime);
  }
}

export function readTombstones(cursor: Cursor, visit: (tombstone: Tombstone) => void): void {
  while (cursor.rest > 0) {
    const ref = cursor.u64();
    const minTime = cursor.varint();
    visit({ ref, minTime, maxTime: cursor.varint() });
  }
}

/**
 * Marker in a log which says that a head chunk contains all samples of a series that were logged earlier. The chunk's
 * reference is file × 2^32 + offset.
 */
export interface ChunkMarker {
  readonly ref: number;
  readonly chunk: number;
}

export function writeMarkers(into: ByteWriter, markers: readonly ChunkMarker[]): void {
  into.reset();
  into.u8(RECORD_MARKERS);
  for (const { ref, chunk } of markers) {
    into.i64(ref);
    into.i64(chunk);
  }
}

export function readMarkers(cursor: Cursor, visit: (marker: ChunkMarker) => void): void {
  while (cursor.rest > 0) visit({ ref: cursor.u64(), chunk: cursor.u64() });
}
