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

/**
 * Number of bytes that is added to the length of each series and field when the reader counts bytes for pauses. Without
 * it, many tiny series would be read without a pause.
 */
const FIELD_BYTES = 256;
/**
 * Factor for the length of labels when the reader counts bytes for pauses, because labels take longer to read than
 * other fields.
 */
const LABELS_WEIGHT = 2;
/**
 * Protobuf tag of field 1 (labels) of a series, which takes one byte. The next constant is the tag of field 2
 * (samples).
 */
const LABELS_TAG = 0x0a;
const SAMPLES_TAG = 0x12;
/** Protobuf tag of a sample's value, which takes one byte. The next constant is the tag of its time. */
const VALUE_TAG = 0x09;
const TIME_TAG = 0x10;
const VALUE_BYTES = 8;
/**
 * Largest length in bytes of a time that the fast path reads. The general code reads a longer time, which is 2^49 ms or
 * more, or negative.
 */
const MAX_PLAIN_TIME_BYTES = 7;
/** Tags of the fields of MetricMetadata. The fields are read and ignored, as in Prometheus. */
const METADATA_TAGS: ReadonlySet<number> = new Set([8, 18, 34, 42]);
/** Protobuf tags of samples, exemplars and histograms in a series. */
const VALUE_TAGS: ReadonlySet<number> = new Set([18, 26, 34]);

/**
 * Reads a remote write 1.0 message (prometheus.WriteRequest). As in Prometheus, no sample is stored after the first
 * refused sample. The rest of the message is still read, because the error of an invalid message takes precedence.
 */
export class WriteRequestV1 {
  /** Number of series that were skipped because their labels cannot be stored. */
  withInvalidLabels = 0;
  /** Error of the first refused sample, which makes the whole request fail. */
  problem: string | undefined;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #wire: WireReader;
  /** A second reader, which reads labels while `#wire` is in the middle of a series. */
  readonly #labelWire: WireReader;
  readonly #references: SeriesReferences;
  /**
   * Number of the current series; negative if the series is unknown. The next fields are its start, and the end of its
   * labels.
   */
  #index = -1;
  #origin = 0;
  #labelsEnd = 0;
  /** Labels of the current series if it is new and can be stored; otherwise undefined. */
  #newLabels: Labels | undefined;
  /** The lower and upper 32 bits of the current sample's value. */
  readonly #value = new Uint32Array(2);
  /** Time in ms of the current sample, set for a series with a single sample. */
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
    // Resets the number, because series with invalid labels are counted only if the request is stored, as in
    // Prometheus.
    this.withInvalidLabels = 0;
  }

  /**
   * Returns the labels of the series whose message begins at byte `at`. The caller must know that the labels are valid.
   */
  labelsAt(at: number): Labels {
    const read = this.#labels(at, this.#bytes.length);
    invariant(read.ok, "a series that was stored before has sound labels");
    return read.labels;
  }

  /**
   * Adds all series to the transaction. Throws WireError if the message is invalid, MessageError if it exceeds a limit,
   * IngestError if the storage fails.
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

  /** Fast path for a series with only labels and at most one sample. Returns false for other series. */
  #plainSeries(start: number, end: number, ingest: Ingest): boolean {
    // Handles series without labels first, because a small compressed body may unpack to millions of them.
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
   * Returns whether the rest of a series is one sample in the usual form: the value (missing for 0), then the time.
   * Stores the time in `#timestamp`.
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
      // Reads the values before the broken field, because the error of an earlier field takes precedence.
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

  /** Begins the series with the labels in [start, labelsEnd), and looks up its number. */
  #begin(start: number, labelsEnd: number): void {
    this.#origin = start;
    this.#labelsEnd = labelsEnd;
    this.#pauses.count((labelsEnd - start) * LABELS_WEIGHT);
    this.#index = this.#references.find(this.#bytes, start, labelsEnd);
    this.#newLabels = this.#index < 0 ? this.#labelsOfNew() : undefined;
  }

  /**
   * Moves the labels of a series to its beginning, if other fields are before them or between them. Returns the end of
   * the labels.
   */
  *#labelsFirst(start: number, end: number): Steps<number> {
    const wire = this.#wire;
    wire.seek(start, end);
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
   * Moves later labels to `labelsEnd`, and moves other fields behind the labels. Returns the new end of the labels.
   * @param later start and end of each later label
   */
  #bringForward(labelsEnd: number, later: readonly number[]): number {
    const bytes = this.#bytes;
    const labels: Uint8Array[] = [];
    for (let i = 0; i < later.length; i += 2) labels.push(bytes.slice(later[i], later[i + 1]));
    // Moves the fields that are not labels behind the labels, beginning with the field before the last label.
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

  /** Returns the labels of a new series; undefined if the series cannot be stored. */
  #labelsOfNew(): Labels | undefined {
    const read = this.#labels(this.#origin, this.#labelsEnd);
    if (this.problem !== undefined) return undefined;
    if (read.ok) return read.labels;
    this.withInvalidLabels++;
    return undefined;
  }

  /**
   * Returns whether a sample with this time may be stored. Creates a new series when its first storable sample is
   * found.
   */
  #admits(timestamp: number, ingest: Ingest, histogram?: FloatHistogram): boolean {
    if (this.problem !== undefined) return false;
    if (this.#index >= 0) return true;
    if (this.#newLabels === undefined) return false;
    // Stores the waiting samples first, because a series must not be created after a sample was refused.
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

  /**
   * Adds an exemplar to the current series. Ignores an exemplar that is older than the newest exemplar of the series,
   * as Prometheus does.
   */
  #exemplar(exemplar: Exemplar, ingest: Ingest): void {
    if (this.#index >= 0) ingest.exemplar(this.#index, this.#origin, exemplar);
    else if (this.#newLabels !== undefined) ingest.lateExemplar(this.#newLabels, exemplar);
  }

  /** Reads a sample, up to the end of the reader. */
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
