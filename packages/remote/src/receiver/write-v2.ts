import { skipUnknown, utf8Text, WireReader } from "@narthex/bytes";
import { readPacked, readWrittenHistogram, TYPE_LABEL, UNIT_LABEL } from "@narthex/exposition";
import type { FloatHistogram, Labels } from "@narthex/model";
import { invariant, type Steps } from "@narthex/runtime";
import type { MetricMetadata } from "@narthex/storage";
import { EXEMPLAR_V2, METRIC_TYPES, REQUEST_V2, SAMPLE_V2 } from "../messages/write-messages.ts";
import type { Ingest } from "./ingest.ts";
import { exemplarLabels } from "./read-exemplar.ts";
import { SeriesFields } from "./series-fields.ts";
import { labelsText, type SeriesLabels, seriesLabels } from "./series-labels.ts";
import type { SymbolReferences } from "./symbol-references.ts";

/** Symbols and series that are read between two looks at the clock. */
const SYMBOLS_PER_STEP = 2048;
const SERIES_PER_STEP = 256;

/** Longest body of an answer that names what was refused, characters: a sender reads its beginning. */
const MAX_PROBLEM_TEXT = 1024 * 1024;

const NO_INDEX = -1;
const NO_KEY = -1;
const UNNUMBERED = 0xffffffff;

/**
 * Reads an io.prometheus.write.v2.Request: first where its symbols and series are, for symbols may stand anywhere, then
 * the series. What cannot be stored is left out and told of; all else is stored.
 */
export class WriteRequestV2 {
  /** Samples and histograms of series whose labels cannot be stored. */
  withInvalidLabels = 0;
  readonly #problems: string[] = [];
  #problemText = 0;
  readonly #bytes: Uint8Array;
  readonly #wire: WireReader;
  readonly #references: SymbolReferences;
  readonly #hasTypeAndUnitLabels: boolean;
  /** Start and end of each symbol, and of each series. */
  readonly #symbols: number[] = [];
  readonly #series: number[] = [];
  /** The number that a symbol has over all requests, once it was asked for. */
  #numbers = new Uint32Array(0);
  /** The series at hand: its fields, its number over all requests, and its labels where it is new and can be stored. */
  readonly #fields = new SeriesFields();
  #index = NO_INDEX;
  #newLabels: Labels | undefined;
  /** The words of a value. */
  readonly #value = new Uint32Array(2);

  /** @param typeAndUnitLabels give each series its type and unit as labels */
  constructor(bytes: Uint8Array, references: SymbolReferences, typeAndUnitLabels: boolean) {
    this.#bytes = bytes;
    this.#wire = new WireReader(bytes);
    this.#references = references;
    this.#hasTypeAndUnitLabels = typeAndUnitLabels;
  }

  /** What was not stored, a line each; undefined where all was. */
  get problem(): string | undefined {
    return this.#problems.length === 0 ? undefined : this.#problems.join("\n");
  }

  refuse(problem: string, series: number): void {
    this.#tell(`${problem} for series ${this.#sentLabels(series)}`);
  }

  #tell(problem: string): void {
    if (this.#problemText > MAX_PROBLEM_TEXT) return;
    this.#problemText += problem.length;
    this.#problems.push(problem);
  }

  /** The labels of series number `series` of the request, which are sound. */
  labelsAt(series: number): Labels {
    const read = this.#labels(this.#fieldsOf(series));
    invariant(read.ok, "a series that was stored before has sound labels");
    return read.labels;
  }

  /** Labels as errors show them: also those without a value, which are not stored. */
  #sentLabels(series: number): string {
    const fields = this.#fieldsOf(series);
    const pairs = this.#texts(fields.refs);
    invariant(typeof pairs !== "string", "a series that was stored before has labels");
    return labelsText(this.#hasTypeAndUnitLabels ? this.#withTypeAndUnit(pairs, fields) : pairs);
  }

  #fieldsOf(series: number): SeriesFields {
    const fields = new SeriesFields();
    fields.read(new WireReader(this.#bytes), this.#series[series * 2]!, this.#series[series * 2 + 1]!);
    return fields;
  }

  /** Brings all series into the transaction. Throws WireError where the message is broken, IngestError where storage fails. */
  *steps(ingest: Ingest): Steps<void> {
    try {
      yield* this.#locate();
    } catch (error) {
      // Of several faults of a message the first one is told.
      for (let series = 0; series * 2 < this.#series.length; series++) {
        this.#read(series, ingest);
        this.#values(series, ingest);
      }
      throw error;
    }
    this.#numbers = new Uint32Array(this.#symbols.length / 2).fill(UNNUMBERED);
    for (let series = 0; series * 2 < this.#series.length; series++) {
      this.#read(series, ingest);
      this.#take(series, ingest);
      if ((series + 1) % SERIES_PER_STEP !== 0) continue;
      ingest.flush();
      yield;
    }
    ingest.flush();
  }

  *#locate(): Steps<void> {
    const wire = this.#wire;
    let untilPause = SYMBOLS_PER_STEP;
    for (let tag = wire.tag(REQUEST_V2.message); tag !== 0; tag = wire.tag(REQUEST_V2.message)) {
      if (tag === 34 || tag === 42) {
        const end = wire.range();
        (tag === 34 ? this.#symbols : this.#series).push(wire.start, end);
      } else skipUnknown(wire, tag, REQUEST_V2);
      if (--untilPause > 0) continue;
      untilPause = SYMBOLS_PER_STEP;
      yield;
    }
  }

  #read(series: number, ingest: Ingest): void {
    this.#forget();
    try {
      this.#fields.read(this.#wire, this.#series[series * 2]!, this.#series[series * 2 + 1]!);
    } catch (error) {
      this.#values(series, ingest);
      throw error;
    }
  }

  #take(series: number, ingest: Ingest): void {
    const fields = this.#fields;
    const { samples, histograms } = fields;
    this.#find(ingest);
    const isKnown = this.#index >= 0 || this.#newLabels !== undefined;
    if (!isKnown) this.withInvalidLabels += (samples.length + histograms.length) / 2;
    else if (samples.length + histograms.length === 0) {
      ingest.flush();
      this.refuse("TimeSeries must contain at least one sample or histogram", series);
      this.#forget();
    }
    this.#values(series, ingest);
    if (this.#index < 0 || !ingest.describes || !fields.hasMetadata) return;
    ingest.describe(this.#index, series, this.#metadata(fields));
  }

  /** What follows of the series at hand is only read. */
  #forget(): void {
    this.#index = NO_INDEX;
    this.#newLabels = undefined;
  }

  /** Samples, histograms and exemplars of the series at hand. */
  #values(series: number, ingest: Ingest): void {
    const { samples, histograms, exemplars } = this.#fields;
    for (let i = 0; i < samples.length; i += 2) this.#sample(samples[i]!, samples[i + 1]!, series, ingest);
    for (let i = 0; i < histograms.length; i += 2) {
      this.#wire.seek(histograms[i]!, histograms[i + 1]!);
      const read = readWrittenHistogram(this.#wire);
      if (this.#admits(read.timestamp, series, ingest, read.histogram)) ingest.histogram(this.#index, series, read);
    }
    for (let i = 0; i < exemplars.length; i += 2) this.#exemplar(exemplars[i]!, exemplars[i + 1]!, series, ingest);
  }

  /** May a sample of this time be appended? A new series is made for the first one that may. */
  #admits(timestamp: number, series: number, ingest: Ingest, histogram?: FloatHistogram): boolean {
    if (this.#index >= 0) return true;
    if (this.#newLabels === undefined || !ingest.admits(timestamp, series, histogram)) return false;
    const references = this.#references;
    const keyLength = this.#makeKey(this.#fields);
    this.#index = references.series.add(references.key, 0, keyLength, ingest.resolve(this.#newLabels));
    return true;
  }

  /** Finds the series at hand among those of all requests, or its labels where it is new. */
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
    this.#tell(read.problem);
  }

  /** Names the series by numbers that hold over all requests; bytes of the name, negative where a symbol is missing. */
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
    const [start, end] = [this.#symbols[symbol * 2]!, this.#symbols[symbol * 2 + 1]!];
    return (this.#numbers[symbol] = this.#references.numberOf(this.#bytes, start, end));
  }

  #labels(fields: SeriesFields): SeriesLabels {
    const pairs = this.#texts(fields.refs);
    if (typeof pairs === "string") {
      return { ok: false, problem: `parsing labels for series [${fields.refs.join(" ")}]: ${pairs}` };
    }
    return seriesLabels(this.#hasTypeAndUnitLabels ? this.#withTypeAndUnit(pairs, fields) : pairs);
  }

  /** Type and unit take the place of labels by these names, where either is known. */
  #withTypeAndUnit(pairs: readonly string[], fields: SeriesFields): readonly string[] {
    const { type, unit } = this.#metadata(fields);
    if (type === "unknown" && unit === "") return pairs;
    const others = pairs.filter((_, i) => ![TYPE_LABEL, UNIT_LABEL].includes(pairs[i - (i % 2)]!));
    if (type !== "unknown") others.push(TYPE_LABEL, type);
    if (unit !== "") others.push(UNIT_LABEL, unit);
    return others;
  }

  /** The texts of symbols, or why there are none. */
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

  /** The text of a symbol, "" where there is none. */
  #text(symbol: number): string {
    return utf8Text(this.#bytes.subarray(this.#symbols[symbol * 2] ?? 0, this.#symbols[symbol * 2 + 1] ?? 0));
  }

  #metadata({ type, help, unit }: SeriesFields): MetricMetadata {
    return { type: METRIC_TYPES[type] ?? "unknown", help: this.#text(help), unit: this.#text(unit) };
  }

  #sample(start: number, end: number, series: number, ingest: Ingest): void {
    const wire = this.#wire;
    const words = this.#value;
    words[0] = words[1] = 0;
    let [timestamp, startTimestamp] = [0, 0];
    wire.seek(start, end);
    for (let tag = wire.tag(SAMPLE_V2.message); tag !== 0; tag = wire.tag(SAMPLE_V2.message)) {
      if (tag === 9) wire.doubleWords(words, 0);
      else if (tag === 16) timestamp = wire.int64();
      else if (tag === 24) startTimestamp = wire.int64();
      else skipUnknown(wire, tag, SAMPLE_V2);
    }
    if (!this.#admits(timestamp, series, ingest)) return;
    ingest.float(this.#index, series, timestamp, startTimestamp, words[0], words[1]);
  }

  #exemplar(start: number, end: number, series: number, ingest: Ingest): void {
    const wire = this.#wire;
    const refs: number[] = [];
    let [value, timestamp] = [0, 0];
    wire.seek(start, end);
    for (let tag = wire.tag(EXEMPLAR_V2.message); tag !== 0; tag = wire.tag(EXEMPLAR_V2.message)) {
      if (tag === 10) readPacked(wire, () => refs.push(wire.uint32()));
      else if (tag === 8) refs.push(wire.uint32());
      else if (tag === 17) value = wire.double();
      else if (tag === 24) timestamp = wire.int64();
      else skipUnknown(wire, tag, EXEMPLAR_V2);
    }
    if (this.#index < 0 && this.#newLabels === undefined) return;
    const pairs = this.#texts(refs);
    ingest.flush();
    if (typeof pairs === "string") {
      this.#tell(`parsing exemplar for series ${this.#sentLabels(series)}: ${pairs}`);
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
