import { skipUnknown, Uint32List, utf8Text, WireError, WireReader } from "@narthex/bytes";
import { readWrittenHistogram, TYPE_LABEL, UNIT_LABEL } from "@narthex/exposition";
import type { FloatHistogram, Labels } from "@narthex/model";
import { invariant, type Steps } from "@narthex/runtime";
import type { MetricMetadata } from "@narthex/storage";
import { EXEMPLAR_V2, METRIC_TYPES, REQUEST_V2, SAMPLE_V2 } from "../messages/write-messages.ts";
import type { Ingest } from "./ingest.ts";
import { MessageBudget } from "../message-limits.ts";
import { BYTES_PER_PAUSE, PASSED_FIELD_BYTES, Pauses } from "../pauses.ts";
import { exemplarLabels } from "./read-exemplar.ts";
import { readRef, readRefs, SeriesFields } from "./series-fields.ts";
import { labelsText, type SeriesLabels, seriesLabels } from "./series-labels.ts";
import type { SymbolReferences } from "./symbol-references.ts";

/**
 * Number of bytes that is added for each series and entry, and for each label, when the reader counts bytes for pauses.
 * Without it, many tiny series would be read without a pause.
 */
const FIELD_BYTES = 256;
const REF_BYTES = 8;

/** Largest length in characters of a response body about refused samples. Senders read only its beginning. */
const MAX_PROBLEM_TEXT = 1024 * 1024;

const NO_INDEX = -1;
const NO_KEY = -1;
const UNNUMBERED = 0xffffffff;

/**
 * Reads a remote write 2.0 message (io.prometheus.write.v2.Request). First finds the positions of the texts (symbols)
 * and series, because the texts may be anywhere in the message; then reads the series. Samples, histograms and
 * exemplars that cannot be stored are reported and left out.
 */
export class WriteRequestV2 {
  /** Number of samples and histograms of series whose labels cannot be stored. */
  withInvalidLabels = 0;
  readonly #problems: string[] = [];
  /**
   * Number and labels of the last series for which an error was reported. Without this cache, the labels would be
   * formatted for each refused sample of the series.
   */
  #described = { series: -1, labels: "" };
  #problemText = 0;
  readonly #bytes: Uint8Array;
  readonly #wire: WireReader;
  readonly #references: SymbolReferences;
  readonly #hasTypeAndUnitLabels: boolean;
  /** Start and end of each text (symbol) in the message. The next list has the start and end of each series. */
  readonly #symbols = new Uint32List();
  readonly #series = new Uint32List();
  /**
   * Number of each text of the message. The number identifies the text in all requests, and is UNNUMBERED until it is
   * needed.
   */
  #numbers = new Uint32Array(0);
  /**
   * Fields of the current series. The next fields are its position in the message, its number among all known series,
   * and its labels if it is new and can be stored.
   */
  readonly #fields = new SeriesFields();
  #atHand = -1;
  #index = NO_INDEX;
  #newLabels: Labels | undefined;
  /** The lower and upper 32 bits of the current sample's value. */
  readonly #value = new Uint32Array(2);
  #pauses!: Pauses;
  /** Twice the index of the next sample, histogram or exemplar to read in the current series. */
  #nextValue = 0;
  /** Error in the fields of the current series; undefined if they are valid. */
  #fault: WireError | undefined;
  readonly #budget = new MessageBudget();

  /** @param typeAndUnitLabels true to give each series labels for its type and unit */
  constructor(bytes: Uint8Array, references: SymbolReferences, typeAndUnitLabels: boolean) {
    this.#bytes = bytes;
    this.#wire = new WireReader(bytes);
    this.#references = references;
    this.#hasTypeAndUnitLabels = typeAndUnitLabels;
  }

  /**
   * Error text with one line for each sample, histogram or exemplar that was not stored. Undefined if all were stored.
   */
  get problem(): string | undefined {
    return this.#problems.length === 0 ? undefined : this.#problems.join("\n");
  }

  refuse(problem: string, series: number): void {
    this.#report(() => `${problem} for series ${this.#sentLabels(series)}`);
  }

  #report(problem: () => string): void {
    const left = MAX_PROBLEM_TEXT - this.#problemText;
    if (left <= 0) return;
    const text = problem();
    this.#problemText += text.length;
    this.#problems.push(text.length > left ? `${text.slice(0, left)}...` : text);
  }

  /**
   * Returns the labels of the series with the number `series` in the message. The caller must know that the labels are
   * valid.
   */
  labelsAt(series: number): Labels {
    const read = this.#labels(this.#fieldsOf(series));
    invariant(read.ok, "a series that was stored before has sound labels");
    return read.labels;
  }

  /**
   * Returns the labels of a series for an error message. Includes labels with an empty value, although such labels are
   * not stored.
   */
  #sentLabels(series: number): string {
    if (series === this.#described.series) return this.#described.labels;
    const fields = this.#fieldsOf(series);
    const pairs = this.#texts(fields.refs);
    invariant(typeof pairs !== "string", "a series that was stored before has labels");
    const labels = labelsText(this.#hasTypeAndUnitLabels ? this.#withTypeAndUnit(pairs, fields) : pairs);
    this.#described = { series, labels };
    return labels;
  }

  #fieldsOf(series: number): SeriesFields {
    if (series === this.#atHand) return this.#fields;
    const fields = new SeriesFields();
    const wire = new WireReader(this.#bytes);
    fields.begin(wire, this.#series.values[series * 2]!, this.#series.values[series * 2 + 1]!);
    while (!fields.read(wire));
    return fields;
  }

  /**
   * Adds all series to the transaction. Throws WireError if the message is invalid, MessageError if it exceeds a limit,
   * IngestError if the storage fails.
   */
  *steps(ingest: Ingest): Steps<void> {
    this.#pauses = new Pauses(ingest);
    try {
      yield* this.#locate();
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      // Reports the error of the first broken series. This error takes precedence over the error of a later field,
      // because a message may be broken in several places.
      yield* this.#readAll(ingest, false);
      throw error;
    }
    this.#numbers = new Uint32Array(this.#symbols.length / 2).fill(UNNUMBERED);
    yield* this.#readAll(ingest, true);
    ingest.flush();
  }

  /**
   * Reads all series.
   * @param isWhole false for an invalid message, which is only searched for errors
   */
  *#readAll(ingest: Ingest, isWhole: boolean): Steps<void> {
    for (let series = 0; series * 2 < this.#series.length; series++) {
      this.#begin(series);
      while (!this.#readFields()) yield this.#pauses.take();
      if (isWhole && this.#fault === undefined) this.#take(series, ingest);
      while (!this.#readValues(series, ingest)) yield this.#pauses.take();
      if (this.#fault !== undefined) throw this.#fault;
      this.#describe(series, ingest);
      // Reports the errors of a long series immediately, because the error text needs the labels of the series, which
      // are still in memory.
      if (this.#lengthOf(series) > BYTES_PER_PAUSE) ingest.flush();
      this.#pauses.count(FIELD_BYTES);
      if (this.#pauses.isDue) yield this.#pauses.take();
    }
  }

  *#locate(): Steps<void> {
    const wire = this.#wire;
    for (let tag = wire.tag(REQUEST_V2.message); tag !== 0; tag = wire.tag(REQUEST_V2.message)) {
      if (tag === 34 || tag === 42) {
        const end = wire.range();
        const ranges = tag === 34 ? this.#symbols : this.#series;
        ranges.push(wire.start);
        ranges.push(end);
      } else skipUnknown(wire, tag, REQUEST_V2);
      this.#pauses.count(PASSED_FIELD_BYTES);
      if (this.#pauses.isDue) yield this.#pauses.take();
    }
  }

  #lengthOf(series: number): number {
    return this.#series.values[series * 2 + 1]! - this.#series.values[series * 2]!;
  }

  #begin(series: number): void {
    const { values } = this.#series;
    this.#forget();
    this.#atHand = series;
    this.#pauses.count(Math.min(BYTES_PER_PAUSE, this.#lengthOf(series)));
    this.#nextValue = 0;
    this.#fields.begin(this.#wire, values[series * 2]!, values[series * 2 + 1]!);
  }

  /**
   * Reads the fields of the current series. Returns false if there are more fields. Keeps an error until the values
   * before the broken field were read.
   */
  #readFields(): boolean {
    try {
      return this.#fields.read(this.#wire);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#fault = error;
      return true;
    }
  }

  /** Looks up the number of the current series, or reads its labels if it is new. */
  #take(series: number, ingest: Ingest): void {
    const { refs, samples, histograms } = this.#fields;
    this.#pauses.count(refs.length * REF_BYTES);
    this.#find(ingest);
    const isKnown = this.#index >= 0 || this.#newLabels !== undefined;
    if (!isKnown) this.withInvalidLabels += (samples.length + histograms.length) / 2;
    else if (samples.length + histograms.length === 0) {
      ingest.flush();
      this.refuse("TimeSeries must contain at least one sample or histogram", series);
      this.#forget();
    }
  }

  /** Stops storing the current series, but lets the reader read the rest of it. */
  #forget(): void {
    this.#index = NO_INDEX;
    this.#newLabels = undefined;
  }

  /**
   * Reads the samples, then the histograms, then the exemplars of the current series. Returns false if there are more.
   */
  #readValues(series: number, ingest: Ingest): boolean {
    const { samples, histograms, exemplars } = this.#fields;
    const exemplarsFrom = samples.length + histograms.length;
    const count = exemplarsFrom + exemplars.length;
    let next = this.#nextValue;
    for (; next < count && !this.#pauses.isDue; next += 2) {
      this.#pauses.count(FIELD_BYTES);
      if (next < samples.length) this.#sample(samples.values, next, series, ingest);
      else if (next < exemplarsFrom) this.#histogram(histograms.values, next - samples.length, series, ingest);
      else this.#exemplar(exemplars.values, next - exemplarsFrom, series, ingest);
    }
    this.#nextValue = next;
    return next >= count;
  }

  #describe(series: number, ingest: Ingest): void {
    if (this.#index < 0 || !ingest.describes || !this.#fields.hasMetadata) return;
    ingest.describe(this.#index, series, this.#metadata(this.#fields));
  }

  /**
   * Returns whether a sample with this time may be stored. Creates a new series when its first storable sample is
   * found.
   */
  #admits(timestamp: number, series: number, ingest: Ingest, histogram?: FloatHistogram): boolean {
    if (this.#index >= 0) return true;
    if (this.#newLabels === undefined || !ingest.admits(timestamp, series, histogram)) return false;
    const references = this.#references;
    const keyLength = this.#makeKey(this.#fields);
    this.#index = references.series.add(references.key, 0, keyLength, ingest.resolve(this.#newLabels));
    return true;
  }

  /** Looks up the current series among all known series. If the series is new, reads its labels. */
  #find(ingest: Ingest): void {
    const fields = this.#fields;
    const references = this.#references;
    const keyLength = this.#makeKey(fields);
    this.#forget();
    if (keyLength >= 0) this.#index = references.series.find(references.key, 0, keyLength);
    if (this.#index >= 0) return;
    const read = this.#labels(fields);
    if (read.ok) {
      this.#newLabels = read.labels;
      return;
    }
    ingest.flush();
    this.#report(read.problem);
  }

  /**
   * Builds the bytes that identify the series from text numbers that are valid in all requests. Returns their length; a
   * negative number if a text is missing.
   */
  #makeKey({ refs, type, unit }: SeriesFields): number {
    const count = this.#numbers.length;
    for (let i = 0; i < refs.length; i++) {
      const symbol = refs[i]!;
      if (symbol >= count) return NO_KEY;
      this.#references.setKey(i, this.#numberOf(symbol));
    }
    if (refs.length % 2 !== 0) return NO_KEY;
    if (!this.#hasTypeAndUnitLabels) return refs.length * 4;
    this.#references.setKey(refs.length, type);
    this.#references.setKey(refs.length + 1, unit < count ? this.#numberOf(unit) : UNNUMBERED);
    return (refs.length + 2) * 4;
  }

  #numberOf(symbol: number): number {
    const known = this.#numbers[symbol]!;
    if (known !== UNNUMBERED) return known;
    const { values } = this.#symbols;
    const number = this.#references.numberOf(this.#bytes, values[symbol * 2]!, values[symbol * 2 + 1]!);
    return (this.#numbers[symbol] = number);
  }

  #labels(fields: SeriesFields): SeriesLabels {
    const pairs = this.#storedTexts(fields.refs);
    if (typeof pairs === "string") {
      const refs = fields.refs.join(" ");
      return { ok: false, problem: () => `parsing labels for series [${refs}]: ${pairs}` };
    }
    return seriesLabels(this.#hasTypeAndUnitLabels ? this.#withTypeAndUnit(pairs, fields) : pairs);
  }

  /**
   * Returns labels with additional labels for the metric's type and unit. If type or unit is known, removes the
   * sender's own labels with these two names.
   */
  #withTypeAndUnit(pairs: readonly string[], fields: SeriesFields): readonly string[] {
    const { type, unit } = this.#metadata(fields);
    if (type === "unknown" && unit === "") return pairs;
    const others = pairs.filter((_, i) => ![TYPE_LABEL, UNIT_LABEL].includes(pairs[i - (i % 2)]!));
    if (type !== "unknown") others.push(TYPE_LABEL, type);
    if (unit !== "") others.push(UNIT_LABEL, unit);
    return others;
  }

  /**
   * Returns the texts of labels that will be stored, and counts their size towards the message's budget. Throws
   * MessageError if the budget is exceeded.
   */
  #storedTexts(refs: readonly number[]): string[] | string {
    const { values, length } = this.#symbols;
    for (const symbol of refs) {
      if (symbol * 2 < length) this.#budget.takeText(values[symbol * 2 + 1]! - values[symbol * 2]!);
    }
    return this.#texts(refs);
  }

  /** Returns the texts at the given indexes in the list of texts, or an error message. */
  #texts(refs: readonly number[]): string[] | string {
    const count = this.#symbols.length / 2;
    if (refs.length % 2 !== 0) return `invalid labelRefs length ${refs.length}`;
    for (let i = 0; i < refs.length; i += 2) {
      const [name, value] = [refs[i]!, refs[i + 1]!];
      if (name < count && value < count) continue;
      return `labelRefs ${name} (name) = ${value} (value) outside of symbols table (size ${count})`;
    }
    return refs.map((symbol) => this.#text(symbol));
  }

  /** Returns the text at an index of the list of texts; an empty string if the index is too large. */
  #text(symbol: number): string {
    if (symbol * 2 >= this.#symbols.length) return "";
    const { values } = this.#symbols;
    const [start, end] = [values[symbol * 2]!, values[symbol * 2 + 1]!];
    return utf8Text(this.#bytes.subarray(start, end));
  }

  #metadata({ type, help, unit }: SeriesFields): MetricMetadata {
    return { type: METRIC_TYPES[type] ?? "unknown", help: this.#text(help), unit: this.#text(unit) };
  }

  /** Reads the sample between ranges[at] and ranges[at + 1]. */
  #sample(ranges: Uint32Array, at: number, series: number, ingest: Ingest): void {
    const wire = this.#wire;
    const words = this.#value;
    words[0] = words[1] = 0;
    let [timestamp, startTimestamp] = [0, 0];
    wire.seek(ranges[at]!, ranges[at + 1]!);
    for (let tag = wire.tag(SAMPLE_V2.message); tag !== 0; tag = wire.tag(SAMPLE_V2.message)) {
      if (tag === 9) wire.doubleWords(words, 0);
      else if (tag === 16) timestamp = wire.int64();
      else if (tag === 24) startTimestamp = wire.int64();
      else skipUnknown(wire, tag, SAMPLE_V2);
    }
    if (!this.#admits(timestamp, series, ingest)) return;
    ingest.float(this.#index, series, timestamp, startTimestamp, words[0], words[1]);
  }

  #takeObject(bytes: number): void {
    this.#budget.takeObject(bytes);
    this.#pauses.count(bytes);
  }

  #histogram(ranges: Uint32Array, at: number, series: number, ingest: Ingest): void {
    this.#takeObject(ranges[at + 1]! - ranges[at]!);
    this.#wire.seek(ranges[at]!, ranges[at + 1]!);
    const read = readWrittenHistogram(this.#wire);
    if (this.#admits(read.timestamp, series, ingest, read.histogram)) ingest.histogram(this.#index, series, read);
  }

  #exemplar(ranges: Uint32Array, at: number, series: number, ingest: Ingest): void {
    this.#takeObject(ranges[at + 1]! - ranges[at]!);
    const wire = this.#wire;
    const refs: number[] = [];
    let [value, timestamp] = [0, 0];
    wire.seek(ranges[at]!, ranges[at + 1]!);
    for (let tag = wire.tag(EXEMPLAR_V2.message); tag !== 0; tag = wire.tag(EXEMPLAR_V2.message)) {
      if (tag === 10) readRefs(wire, refs);
      else if (tag === 8) readRef(wire, refs);
      else if (tag === 17) value = wire.double();
      else if (tag === 24) timestamp = wire.int64();
      else skipUnknown(wire, tag, EXEMPLAR_V2);
    }
    if (this.#index < 0 && this.#newLabels === undefined) return;
    const pairs = this.#storedTexts(refs);
    ingest.flush();
    if (typeof pairs === "string") {
      this.#report(() => `parsing exemplar for series ${this.#sentLabels(series)}: ${pairs}`);
      return;
    }
    const exemplar = { labels: exemplarLabels(pairs), value, timestamp };
    const isOutOfOrder =
      this.#index < 0
        ? ingest.lateExemplar(this.#newLabels!, exemplar)
        : ingest.exemplar(this.#index, series, exemplar);
    if (isOutOfOrder) this.refuse("out of order exemplar", series);
  }
}
