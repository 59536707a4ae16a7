import { skipUnknown, WireReader } from "@narthex/bytes";
import type { FloatHistogram, Labels } from "@narthex/model";
import { invariant, type Steps } from "@narthex/runtime";
import { readWrittenHistogram } from "@narthex/exposition";
import { METRIC_METADATA, SAMPLE, TIME_SERIES, WRITE_REQUEST } from "../messages/write-messages.ts";
import type { Exemplar } from "@narthex/storage";
import type { Ingest } from "./ingest.ts";
import { readExemplar } from "./read-exemplar.ts";
import { readLabel, type SeriesLabels, seriesLabels } from "./series-labels.ts";
import type { SeriesReferences } from "./series-references.ts";

/** Series that are read between two looks at the clock. */
const SERIES_PER_STEP = 256;
/** The first byte of fields 1 (labels) and 2 (samples) of a TimeSeries. */
const LABELS_TAG = 0x0a;
const SAMPLES_TAG = 0x12;
/** The first bytes of a Sample's value and of its time. */
const VALUE_TAG = 0x09;
const TIME_TAG = 0x10;
const VALUE_BYTES = 8;
/** A time of more bytes is not a whole number below 2^49: it is read with care. */
const MAX_PLAIN_TIME_BYTES = 7;
/** Tags of the fields of MetricMetadata, which Prometheus reads and leaves alone. */
const METADATA_TAGS: ReadonlySet<number> = new Set([8, 18, 34, 42]);
/** Tags of samples, exemplars and histograms. */
const VALUE_TAGS: ReadonlySet<number> = new Set([18, 26, 34]);

/**
 * Reads a prometheus.WriteRequest. The first refused sample ends the request, as in Prometheus; what follows is only
 * read, for a message that is broken is refused as such.
 */
export class WriteRequestV1 {
  /** Series whose labels cannot be stored: they are passed over. */
  withInvalidLabels = 0;
  /** Why the request is refused: of the first sample that was not taken. */
  problem: string | undefined;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #wire: WireReader;
  /** Reads labels while the other one is within a series. */
  readonly #labelWire: WireReader;
  readonly #references: SeriesReferences;
  /** The series at hand: its number, below 0 where it has none; where it and its labels begin and end. */
  #index = -1;
  #origin = 0;
  #labelsEnd = 0;
  /** Its labels, where it is new and can be stored. */
  #newLabels: Labels | undefined;
  /** The words of a value. */
  readonly #value = new Uint32Array(2);

  constructor(bytes: Uint8Array, references: SeriesReferences) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#wire = new WireReader(bytes);
    this.#labelWire = new WireReader(bytes);
    this.#references = references;
  }

  refuse(problem: string): void {
    this.problem ??= problem;
    // Prometheus counts them at the end of a request that is stored.
    this.withInvalidLabels = 0;
  }

  /** The labels of the series whose message begins at byte `at`, which are sound. */
  labelsAt(at: number): Labels {
    const read = this.#labels(at, this.#bytes.length);
    invariant(read.ok, "a series that was stored before has sound labels");
    return read.labels;
  }

  /** Brings all series into the transaction. Throws WireError where the message is broken, IngestError where storage fails. */
  *steps(ingest: Ingest): Steps<void> {
    const wire = this.#wire;
    let untilPause = SERIES_PER_STEP;
    for (let tag = wire.tag(WRITE_REQUEST.message); tag !== 0; tag = wire.tag(WRITE_REQUEST.message)) {
      if (tag === 10) {
        const end = wire.range();
        this.#series(wire.start, end, ingest);
        wire.seek(end, this.#bytes.length);
      } else if (tag === 26) this.#passMetadata();
      else skipUnknown(wire, tag, WRITE_REQUEST);
      if (--untilPause > 0) continue;
      untilPause = SERIES_PER_STEP;
      ingest.flush();
      yield;
    }
    ingest.flush();
  }

  #series(start: number, end: number, ingest: Ingest): void {
    this.#origin = start;
    this.#labelsEnd = this.#labelsFirst(start, end, ingest);
    this.#index = this.#references.find(this.#bytes, start, this.#labelsEnd);
    this.#newLabels = this.#index < 0 ? this.#labelsOfNew() : undefined;
    if (this.#plainSample(this.#labelsEnd, end, ingest)) return;
    this.#wire.seek(this.#labelsEnd, end);
    this.#values(ingest);
  }

  /** Takes what nearly all senders write: one sample, its value, or none for 0, before its time. False where it is not that. */
  #plainSample(at: number, end: number, ingest: Ingest): boolean {
    const bytes = this.#bytes;
    if (at + 3 >= end || bytes[at] !== SAMPLES_TAG || end !== at + 2 + bytes[at + 1]!) return false;
    const hasValue = bytes[at + 2] === VALUE_TAG;
    let next = hasValue ? at + 3 + VALUE_BYTES : at + 2;
    if (next >= end || bytes[next++] !== TIME_TAG || end - next > MAX_PLAIN_TIME_BYTES) return false;
    let timestamp = 0;
    let byte = 0x80;
    for (let scale = 1; next < end && byte >= 0x80; scale *= 0x80) {
      byte = bytes[next++]!;
      timestamp += (byte & 0x7f) * scale;
    }
    if (next !== end || byte >= 0x80) return false;
    if (!this.#admits(timestamp, ingest)) return true;
    const low = hasValue ? this.#view.getUint32(at + 3, true) : 0;
    const high = hasValue ? this.#view.getUint32(at + 7, true) : 0;
    ingest.float(this.#index, this.#origin, timestamp, 0, low, high);
    return true;
  }

  /** Returns where the labels of a series end, which stand first, as every known sender writes them, or do from now on. */
  #labelsFirst(start: number, end: number, ingest: Ingest): number {
    const bytes = this.#bytes;
    const wire = this.#wire;
    let at = start;
    while (at + 1 < end && bytes[at] === LABELS_TAG && bytes[at + 1]! < 0x80 && at + 2 + bytes[at + 1]! <= end) {
      at += 2 + bytes[at + 1]!;
    }
    const isOneSample = at + 1 < end && bytes[at] === SAMPLES_TAG && end === at + 2 + bytes[at + 1]!;
    if (at === end || isOneSample) return at;
    try {
      return this.#bringForward(at, end);
    } catch (error) {
      // Of several faults of a message the first one is told.
      this.#origin = this.#labelsEnd = start;
      this.#index = -1;
      this.#newLabels = undefined;
      wire.seek(start, end);
      this.#values(ingest);
      throw error;
    }
  }

  /** Moves labels between `from` and `end` before the other fields, where they are not; returns where they end. */
  #bringForward(from: number, end: number): number {
    const wire = this.#wire;
    wire.seek(from, end);
    let labelsEnd = from;
    const later: number[] = [];
    while (wire.at < end) {
      const start = wire.at;
      const tag = wire.tag(TIME_SERIES.message);
      if (tag === LABELS_TAG || VALUE_TAGS.has(tag)) wire.range();
      else skipUnknown(wire, tag, TIME_SERIES);
      if (tag !== LABELS_TAG) continue;
      if (start === labelsEnd) labelsEnd = wire.at;
      else later.push(start, wire.at);
    }
    for (let i = 0; i < later.length; i += 2) {
      const label = this.#bytes.slice(later[i], later[i + 1]);
      this.#bytes.copyWithin(labelsEnd + label.length, labelsEnd, later[i]);
      this.#bytes.set(label, labelsEnd);
      labelsEnd += label.length;
    }
    return labelsEnd;
  }

  /** The labels of a series that no request had before; undefined where it cannot be stored. */
  #labelsOfNew(): Labels | undefined {
    const read = this.#labels(this.#origin, this.#labelsEnd);
    if (this.problem !== undefined) return undefined;
    if (read.ok) return read.labels;
    this.withInvalidLabels++;
    return undefined;
  }

  /** May a sample of this time be appended? A new series is made for the first one that may. */
  #admits(timestamp: number, ingest: Ingest, histogram?: FloatHistogram): boolean {
    if (this.problem !== undefined) return false;
    if (this.#index >= 0) return true;
    if (this.#newLabels === undefined) return false;
    // No series is made once a sample was refused.
    ingest.flush();
    if (this.problem !== undefined || !ingest.admits(timestamp, this.#origin, histogram)) return false;
    const ref = ingest.resolve(this.#newLabels);
    this.#index = this.#references.add(this.#bytes, this.#origin, this.#labelsEnd, ref);
    return true;
  }

  #labels(start: number, end: number): SeriesLabels {
    const wire = this.#labelWire;
    wire.seek(start, end);
    const pairs: string[] = [];
    while (wire.at < end && wire.tag(TIME_SERIES.message) === LABELS_TAG) readLabel(wire, pairs);
    return seriesLabels(pairs);
  }

  /** What follows the labels of the series at hand. */
  #values(ingest: Ingest): void {
    const wire = this.#wire;
    for (let tag = wire.tag(TIME_SERIES.message); tag !== 0; tag = wire.tag(TIME_SERIES.message)) {
      const outer = wire.end;
      if (!VALUE_TAGS.has(tag)) {
        if (tag === LABELS_TAG) readLabel(wire, []);
        else skipUnknown(wire, tag, TIME_SERIES);
        continue;
      }
      const end = wire.range();
      wire.seek(wire.start, end);
      if (tag === 18) this.#sample(ingest);
      else if (tag === 26) {
        const exemplar = readExemplar(wire);
        if (this.problem === undefined) this.#exemplar(exemplar, ingest);
      } else {
        const read = readWrittenHistogram(wire);
        if (this.#admits(read.timestamp, ingest, read.histogram)) ingest.histogram(this.#index, this.#origin, read);
      }
      wire.seek(end, outer);
    }
  }

  /** One that is out of order is left out, as Prometheus does. */
  #exemplar(exemplar: Exemplar, ingest: Ingest): void {
    if (this.#index >= 0) ingest.exemplar(this.#index, this.#origin, exemplar);
    else if (this.#newLabels !== undefined) ingest.lateExemplar(this.#newLabels, exemplar);
  }

  /** A Sample message that fills the reader's range. */
  #sample(ingest: Ingest): void {
    const wire = this.#wire;
    const words = this.#value;
    words[0] = words[1] = 0;
    let timestamp = 0;
    for (let tag = wire.tag(SAMPLE.message); tag !== 0; tag = wire.tag(SAMPLE.message)) {
      if (tag === 9) wire.doubleWords(words, 0);
      else if (tag === 16) timestamp = wire.int64();
      else skipUnknown(wire, tag, SAMPLE);
    }
    if (!this.#admits(timestamp, ingest)) return;
    ingest.float(this.#index, this.#origin, timestamp, 0, words[0], words[1]);
  }

  #passMetadata(): void {
    const wire = this.#wire;
    const outer = wire.end;
    const end = wire.range();
    wire.seek(wire.start, end);
    for (let tag = wire.tag(METRIC_METADATA.message); tag !== 0; tag = wire.tag(METRIC_METADATA.message)) {
      if (METADATA_TAGS.has(tag)) wire.skip(tag);
      else skipUnknown(wire, tag, METRIC_METADATA);
    }
    wire.seek(end, outer);
  }
}
