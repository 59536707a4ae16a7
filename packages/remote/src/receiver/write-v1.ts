import { skipUnknown, WireError, WireReader } from "@narthex/bytes";
import type { FloatHistogram, Labels } from "@narthex/model";
import { invariant, type Steps } from "@narthex/runtime";
import { readWrittenHistogram } from "@narthex/exposition";
import { METRIC_METADATA, SAMPLE, TIME_SERIES, WRITE_REQUEST } from "../messages/write-messages.ts";
import type { Exemplar } from "@narthex/storage";
import type { Ingest } from "./ingest.ts";
import { checkEntry, checkLabels, MessageBudget } from "../message-limits.ts";
import { PASSED_FIELD_BYTES, Pauses } from "../pauses.ts";
import { readExemplar } from "./read-exemplar.ts";
import { readLabel, type SeriesLabels, seriesLabels } from "./series-labels.ts";
import type { SeriesReferences } from "./series-references.ts";

/** Number of bytes that are added to the size of a series or of one of its fields when pauses are computed. */
const FIELD_BYTES = 256;
/** Factor for the bytes of labels when pauses are computed, because labels take longer to read. */
const LABELS_WEIGHT = 2;
/** The tags of fields 1 (labels) and 2 (samples) of a TimeSeries, each one byte. */
const LABELS_TAG = 0x0a;
const SAMPLES_TAG = 0x12;
/** The tags of a Sample's value and time, each one byte. */
const VALUE_TAG = 0x09;
const TIME_TAG = 0x10;
const VALUE_BYTES = 8;
/**
 * Maximum number of bytes of a time that the fast path reads. A longer time is not a whole number below 2^49 and is
 * read by the general code.
 */
const MAX_PLAIN_TIME_BYTES = 7;
/** Tags of the fields of MetricMetadata, which are read and ignored, as in Prometheus. */
const METADATA_TAGS: ReadonlySet<number> = new Set([8, 18, 34, 42]);
/** Tags of samples, exemplars and histograms. */
const VALUE_TAGS: ReadonlySet<number> = new Set([18, 26, 34]);

/**
 * Reads a prometheus.WriteRequest. As in Prometheus, no more samples are stored after the first refused sample. The
 * rest of the message is still read, because a broken message is refused for being broken.
 */
export class WriteRequestV1 {
  /** Number of series that were skipped because their labels cannot be stored. */
  withInvalidLabels = 0;
  /** Error text of the first refused sample, because of which the request is refused. */
  problem: string | undefined;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #wire: WireReader;
  /** Reads labels while `#wire` is within a series. */
  readonly #labelWire: WireReader;
  readonly #references: SeriesReferences;
  /** The current series: its number (negative if it has none), its start, and the end of its labels. */
  #index = -1;
  #origin = 0;
  #labelsEnd = 0;
  /** Labels of the current series, if it is new and can be stored. */
  #newLabels: Labels | undefined;
  /** The lower and upper 32 bits of a value. */
  readonly #value = new Uint32Array(2);
  /** Time of the series' only sample, ms. */
  #timestamp = 0;
  #pauses!: Pauses;
  readonly #budget = new MessageBudget();

  constructor(bytes: Uint8Array, references: SeriesReferences) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#wire = new WireReader(bytes);
    this.#labelWire = new WireReader(bytes);
    this.#references = references;
  }

  refuse(problem: string): void {
    this.problem ??= problem;
    // As in Prometheus, such series are counted only at the end of a request that is stored.
    this.withInvalidLabels = 0;
  }

  /** Returns the labels, which are known to be valid, of the series whose message begins at byte `at`. */
  labelsAt(at: number): Labels {
    const read = this.#labels(at, this.#bytes.length);
    invariant(read.ok, "a series that was stored before has sound labels");
    return read.labels;
  }

  /**
   * Appends all series to the transaction. Throws WireError if the message is broken, MessageError if it exceeds a
   * limit, IngestError if storage fails.
   */
  *steps(ingest: Ingest): Steps<void> {
    this.#pauses = new Pauses(ingest);
    const wire = this.#wire;
    for (let tag = wire.tag(WRITE_REQUEST.message); tag !== 0; tag = wire.tag(WRITE_REQUEST.message)) {
      if (tag === 10) {
        const end = wire.range();
        const { start } = wire;
        if (!this.#plainSeries(start, end, ingest)) yield* this.#series(start, end, ingest);
        wire.seek(end, this.#bytes.length);
      } else if (tag === 26) this.#passMetadata();
      else skipUnknown(wire, tag, WRITE_REQUEST);
      this.#pauses.count(FIELD_BYTES);
      if (this.#pauses.isDue) yield this.#pauses.take();
    }
    ingest.flush();
  }

  /** Fast path for a series that consists of labels and at most one sample. Returns false for other series. */
  #plainSeries(start: number, end: number, ingest: Ingest): boolean {
    // A small compressed body may unpack to millions of series without labels, so these are handled first.
    if (start === end) {
      if (this.problem === undefined) this.withInvalidLabels++;
      return true;
    }
    const bytes = this.#bytes;
    let at = start;
    let labels = 0;
    while (at + 1 < end && bytes[at] === LABELS_TAG && bytes[at + 1]! < 0x80 && at + 2 + bytes[at + 1]! <= end) {
      at += 2 + bytes[at + 1]!;
      checkLabels(++labels);
    }
    if (at < end && !this.#isPlainSample(at, end)) return false;
    this.#begin(start, at);
    if (at === end || !this.#admits(this.#timestamp, ingest)) return true;
    const hasValue = bytes[at + 2] === VALUE_TAG;
    const low = hasValue ? this.#view.getUint32(at + 3, true) : 0;
    const high = hasValue ? this.#view.getUint32(at + 7, true) : 0;
    ingest.float(this.#index, this.#origin, this.#timestamp, 0, low, high);
    return true;
  }

  /**
   * Reports whether the rest of a series is one sample with its value (missing for 0) before its time. Stores the time
   * in `#timestamp`.
   */
  #isPlainSample(at: number, end: number): boolean {
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
    this.#timestamp = timestamp;
    return next === end && byte < 0x80;
  }

  /** Reads a series of any form. */
  *#series(start: number, end: number, ingest: Ingest): Steps<void> {
    let labelsEnd = start;
    try {
      labelsEnd = yield* this.#labelsFirst(start, end);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      // The error of an earlier field takes precedence over the errors of later fields.
      this.#origin = this.#labelsEnd = start;
      this.#index = -1;
      this.#newLabels = undefined;
      this.#wire.seek(start, end);
      yield* this.#values(ingest);
      throw error;
    }
    this.#begin(start, labelsEnd);
    this.#wire.seek(labelsEnd, end);
    yield* this.#values(ingest);
  }

  /** Begins a series whose labels are in [start, labelsEnd), and finds its number. */
  #begin(start: number, labelsEnd: number): void {
    this.#origin = start;
    this.#labelsEnd = labelsEnd;
    this.#pauses.count((labelsEnd - start) * LABELS_WEIGHT);
    this.#index = this.#references.find(this.#bytes, start, labelsEnd);
    this.#newLabels = this.#index < 0 ? this.#labelsOfNew() : undefined;
  }

  /** Moves the labels of a series to its beginning if they are not there. Returns the end of the labels. */
  *#labelsFirst(start: number, end: number): Steps<number> {
    const wire = this.#wire;
    wire.seek(start, end);
    /** End of the labels at the beginning, then start and end of each later label. */
    let labelsEnd = start;
    let labels = 0;
    const later: number[] = [];
    while (wire.at < end) {
      const at = wire.at;
      const tag = wire.tag(TIME_SERIES.message);
      if (tag === LABELS_TAG || VALUE_TAGS.has(tag)) wire.range();
      else skipUnknown(wire, tag, TIME_SERIES);
      if (tag === LABELS_TAG) {
        checkLabels(++labels);
        if (at === labelsEnd) labelsEnd = wire.at;
        else later.push(at, wire.at);
      }
      this.#pauses.count(PASSED_FIELD_BYTES);
      if (this.#pauses.isDue) yield this.#pauses.take();
    }
    return later.length === 0 ? labelsEnd : this.#bringForward(labelsEnd, later);
  }

  /**
   * Moves labels to `labelsEnd`, and the fields between them to the positions after them. Returns the new end of the
   * labels.
   * @param later start and end of each of these labels
   */
  #bringForward(labelsEnd: number, later: readonly number[]): number {
    const bytes = this.#bytes;
    const labels: Uint8Array[] = [];
    for (let i = 0; i < later.length; i += 2) labels.push(bytes.slice(later[i], later[i + 1]));
    // Moves the other fields to the positions after the labels, beginning with the fields before the last label.
    let to = later.at(-1)!;
    for (let i = later.length - 2; i >= 0; i -= 2) {
      const from = i === 0 ? labelsEnd : later[i - 1]!;
      to -= later[i]! - from;
      bytes.copyWithin(to, from, later[i]);
    }
    let at = labelsEnd;
    for (const label of labels) {
      bytes.set(label, at);
      at += label.length;
    }
    return at;
  }

  /** Returns the labels of a new series, or undefined if the series cannot be stored. */
  #labelsOfNew(): Labels | undefined {
    const read = this.#labels(this.#origin, this.#labelsEnd);
    if (this.problem !== undefined) return undefined;
    if (read.ok) return read.labels;
    this.withInvalidLabels++;
    return undefined;
  }

  /**
   * Reports whether a sample of this time may be appended. If the series is new, it is created for its first such
   * sample.
   */
  #admits(timestamp: number, ingest: Ingest, histogram?: FloatHistogram): boolean {
    if (this.problem !== undefined) return false;
    if (this.#index >= 0) return true;
    if (this.#newLabels === undefined) return false;
    // No series is created after a sample was refused.
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

  /** Reads the fields after the labels of the current series. */
  *#values(ingest: Ingest): Steps<void> {
    const wire = this.#wire;
    for (let tag = wire.tag(TIME_SERIES.message); tag !== 0; tag = wire.tag(TIME_SERIES.message)) {
      const outer = wire.end;
      this.#pauses.count(FIELD_BYTES);
      if (this.#pauses.isDue) yield this.#pauses.take();
      if (!VALUE_TAGS.has(tag)) {
        if (tag === LABELS_TAG) readLabel(wire, []);
        else skipUnknown(wire, tag, TIME_SERIES);
        continue;
      }
      const end = wire.range();
      const bytes = end - wire.start;
      checkEntry(bytes);
      this.#pauses.count(bytes);
      wire.seek(wire.start, end);
      if (tag === 18) this.#sample(ingest);
      else if (tag === 26) {
        this.#budget.takeObject(bytes);
        const exemplar = readExemplar(wire);
        if (this.problem === undefined) this.#exemplar(exemplar, ingest);
      } else {
        this.#budget.takeObject(bytes);
        const read = readWrittenHistogram(wire);
        if (this.#admits(read.timestamp, ingest, read.histogram)) ingest.histogram(this.#index, this.#origin, read);
      }
      wire.seek(end, outer);
    }
  }

  /** Adds an exemplar to the current series. As in Prometheus, an exemplar that is out of order is left out. */
  #exemplar(exemplar: Exemplar, ingest: Ingest): void {
    if (this.#index >= 0) ingest.exemplar(this.#index, this.#origin, exemplar);
    else if (this.#newLabels !== undefined) ingest.lateExemplar(this.#newLabels, exemplar);
  }

  /** Reads a Sample message that fills the reader's range. */
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
    checkEntry(end - wire.start);
    this.#pauses.count(end - wire.start);
    wire.seek(wire.start, end);
    for (let tag = wire.tag(METRIC_METADATA.message); tag !== 0; tag = wire.tag(METRIC_METADATA.message)) {
      if (METADATA_TAGS.has(tag)) wire.skip(tag);
      else skipUnknown(wire, tag, METRIC_METADATA);
    }
    wire.seek(end, outer);
  }
}
