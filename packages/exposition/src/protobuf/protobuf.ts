import { skipUnknown, WIRE_LENGTH, WireError, WireReader } from "@narthex/bytes";
import { type FloatHistogram, formatOpenMetricsFloat } from "@narthex/model";
import { ClassicParts } from "../nhcb/classic-parts.ts";
import { isUtf8Range, MAX_TEXT_BYTES, quoteBytes, shownText, textOf } from "../byte-text.ts";
import {
  ENTRY_END,
  ENTRY_HELP,
  ENTRY_HISTOGRAM,
  ENTRY_NOTHING,
  ENTRY_SERIES,
  ENTRY_TYPE,
  ENTRY_UNIT,
  type EntryKind,
  type EntryReader,
  type ExposedExemplar,
  type SeriesPredictor,
} from "../entries.ts";
import type { MetricType } from "../family.ts";
import { checkCount, METRIC, METRIC_FAMILY } from "./metric-messages.ts";
import { ExpositionError } from "../problem.ts";
import { readLabel, span, textSpan } from "./protobuf-label.ts";
import { emptyHistogram, isNative, readHistogram, toFloatHistogram, type WireHistogram } from "./protobuf-histogram.ts";
import { type PlainBodies, readPlain } from "./protobuf-plain.ts";
import { emptySummary, readSummary, type WireSummary } from "./protobuf-summary.ts";
import { SeriesKey } from "./series-key.ts";
import { isSetByFamily, TYPE_LABEL, UNIT_LABEL } from "../text/type-and-unit.ts";

/** Types in the order of io.prometheus.client.MetricType. */
const TYPES: readonly MetricType[] = ["counter", "gauge", "summary", "unknown", "histogram", "gaugehistogram"];

export interface ProtobufOptions {
  /** Whether native histograms are read. If not, only classic series are read. */
  readonly nativeHistograms?: boolean;
  /** Whether classic series are read in addition to the native histogram. */
  readonly alwaysClassic?: boolean;
  /** Whether classic histograms are converted to native histograms with custom buckets. */
  readonly convertToNhcb?: boolean;
  /** Whether series get labels with the type and unit of their metric family. */
  readonly typeAndUnitLabels?: boolean;
}

type Step = () => EntryKind | undefined;

/** Amount of work after which the reader returns to its caller without an entry, in bytes of metrics. */
const WORK_BYTES = 64 * 1024;
/** Cost of reading one field, expressed as the number of bytes of a metric that take the same time. */
const FIELD_BYTES = 16;

/**
 * Reads a stream of length-delimited io.prometheus.client.MetricFamily messages. Each family is read twice: first for
 * the fields that apply to all of its metrics, then metric by metric; after much work without an entry, next() returns
 * ENTRY_NOTHING.
 */
export class ProtobufReader implements EntryReader {
  seriesStart = 0;
  seriesEnd = 0;
  predicted = false;
  value = 0;
  startTimestamp = 0;
  timestamp = NaN;
  readonly metadataBytes: Uint8Array;
  metadataStart = 0;
  metadataEnd = 0;
  type: MetricType = "unknown";
  readonly #bytes: Uint8Array;
  readonly #options: ProtobufOptions;
  readonly #predictor: SeriesPredictor | undefined;
  readonly #stream: WireReader;
  readonly #wire: WireReader;
  readonly #key = new SeriesKey();
  #family = 0;
  #name: readonly [number, number] = [0, 0];
  #help: readonly [number, number] | undefined;
  #unit: readonly [number, number] | undefined;
  #text: readonly [number, number] = [0, 0];
  /** Reader for the second pass over the fields of a metric family, which reads the metrics. */
  readonly #metrics: WireReader;
  /** Position of the family's first metric, or undefined if the family has none. */
  #firstMetric: number | undefined;
  #type = 0;
  /** Whether the first of the two readings of a family is in progress. */
  #scanning = false;
  /** Amount of work in bytes since the last entry or ENTRY_NOTHING. */
  #work = 0;
  /** For each label of the current metric: name start, name end, value start, value end. */
  #labels: number[] = [];
  #metadata: EntryKind[] = [];
  /** Series of the current metric. The series from index #given on have not been returned yet. */
  #pending: Step[] = [];
  #given = 0;
  #exemplars: readonly ExposedExemplar[] = [];
  #histogram: FloatHistogram | undefined;

  constructor(bytes: Uint8Array, options: ProtobufOptions = {}, predictor?: SeriesPredictor) {
    this.#bytes = bytes;
    this.metadataBytes = bytes;
    this.#options = options;
    this.#predictor = predictor;
    this.#stream = new WireReader(bytes);
    this.#wire = new WireReader(bytes);
    this.#metrics = new WireReader(bytes, 0, 0);
  }

  get seriesBytes(): Uint8Array {
    return this.#key.bytes;
  }

  next(): EntryKind {
    try {
      return this.#next();
    } catch (error) {
      if (error instanceof WireError) throw new ExpositionError(error.goMessage, this.#family);
      throw error;
    }
  }

  labels(): string[] {
    return this.#key.labels();
  }

  exemplars(): readonly ExposedExemplar[] {
    return this.#exemplars;
  }

  histogram(): FloatHistogram {
    return this.#histogram!;
  }

  familyName(): string {
    return textOf(this.#bytes, this.#name[0], this.#name[1]);
  }

  text(): string {
    return textOf(this.#bytes, this.#text[0], this.#text[1]);
  }

  #next(): EntryKind {
    for (;;) {
      const metadata = this.#metadata.shift();
      if (metadata !== undefined) return this.#announce(metadata);
      const step = this.#pending[this.#given++];
      if (step !== undefined) {
        const kind = step();
        if (kind !== undefined) return kind;
      } else if (this.#work > WORK_BYTES) {
        this.#work = 0;
        return ENTRY_NOTHING;
      } else if (this.#scanning) this.#scan();
      else if (this.#metrics.at < this.#metrics.end) this.#readField();
      else if (this.#stream.at >= this.#bytes.length) return ENTRY_END;
      else this.#beginFamily();
    }
  }

  #announce(kind: EntryKind): EntryKind {
    this.#text = (kind === ENTRY_HELP ? this.#help : this.#unit) ?? [0, 0];
    this.metadataStart = this.#family;
    // The bytes of HELP and TYPE end before the first metric of the family. The bytes of the unit end with the family,
    // because the unit may follow the metrics.
    this.metadataEnd = kind === ENTRY_UNIT ? this.#family : this.#firstMetric!;
    return kind;
  }

  #beginFamily(): void {
    this.#family = this.#stream.at;
    // Counts an empty family as work, because a body may consist of millions of empty families.
    this.#work += FIELD_BYTES;
    this.#takeMessage();
    this.#metrics.seek(this.#wire.at, this.#wire.end);
    this.#name = [0, 0];
    this.#help = undefined;
    this.#unit = undefined;
    this.#firstMetric = undefined;
    this.#type = 0;
    this.#scanning = true;
  }

  /** Reads those fields of a MetricFamily message that apply to all its metrics, until the work limit is reached. */
  #scan(): void {
    const wire = this.#wire;
    for (; this.#work <= WORK_BYTES; this.#work += FIELD_BYTES) {
      const tag = wire.tag(METRIC_FAMILY.message);
      if (tag === 0) return this.#endScan();
      if (tag === 10) this.#name = textSpan(wire);
      else if (tag === 18) this.#help = textSpan(wire);
      else if (tag === 24) this.#type = wire.int32();
      else if (tag === 34) {
        const [start] = span(wire);
        this.#firstMetric ??= start;
      } else if (tag === 42) this.#unit = textSpan(wire);
      else skipUnknown(wire, tag, METRIC_FAMILY);
    }
  }

  #endScan(): void {
    this.#scanning = false;
    if (this.#firstMetric === undefined) return this.#metrics.seek(0, 0);
    this.#checkFamily(this.#type);
    this.type = TYPES[this.#type]!;
    this.#metadata = [ENTRY_HELP, ENTRY_TYPE];
    if (this.#unit !== undefined && this.#unit[1] > this.#unit[0]) this.#metadata.push(ENTRY_UNIT);
  }

  /** Reads the next field of the family if it contains a metric, otherwise skips it. */
  #readField(): void {
    const fields = this.#metrics;
    const tag = fields.tag(METRIC_FAMILY.message);
    this.#work += FIELD_BYTES;
    if (tag !== 34) return fields.skip(tag);
    const [start, end] = span(fields);
    this.#work += end - start;
    this.#pending = [];
    this.#given = 0;
    this.#readMetric(start, end);
  }

  /** Takes the next message from the stream, and sets the wire reader to its bytes. */
  #takeMessage(): void {
    const stream = this.#stream;
    const start = stream.at;
    const left = this.#bytes.length - start;
    let length: number;
    try {
      length = stream.uint64();
    } catch (cause) {
      if (!(cause instanceof WireError)) throw cause;
      length = Infinity;
    }
    const width = stream.at - start;
    if (length === Infinity || width > MAX_LENGTH_BYTES) {
      throw new ExpositionError("clientpb: invalid varint encountered", start);
    }
    if (width + length > left) {
      const problem = `insufficient length of buffer, expected at least ${width + length} bytes, got ${left} bytes`;
      throw new ExpositionError(`clientpb: ${problem}`, start);
    }
    this.#wire.seek(stream.at, stream.at + length);
    stream.at += length;
  }

  #checkFamily(type: number): void {
    const [start, end] = this.#name;
    if (start === end || !isUtf8Range(this.#bytes, start, end)) {
      throw new ExpositionError(`invalid metric name: ${shownText(this.#bytes, start, end)}`, this.#family);
    }
    const name = quoteBytes(this.#bytes, start, end);
    if (TYPES[type] === undefined) {
      throw new ExpositionError(`unknown metric type for metric ${name}: ${type}`, this.#family);
    }
    if (this.#help !== undefined && !isUtf8Range(this.#bytes, this.#help[0], this.#help[1])) {
      const help = shownText(this.#bytes, this.#help[0], this.#help[1]);
      throw new ExpositionError(`invalid help for metric ${name}: ${help}`, this.#family);
    }
  }

  /**
   * Reads a metric, and queues its series by the family's type. If the metric has no value of this type, all values are
   * 0.
   */
  #readMetric(start: number, end: number): void {
    if (end - start > MAX_TEXT_BYTES) {
      throw new ExpositionError(`metric longer than ${MAX_TEXT_BYTES} bytes`, this.#family);
    }
    const wire = this.#wire;
    wire.seek(start, end);
    this.#labels = [];
    this.timestamp = NaN;
    const plain: PlainBodies = { gauge: 0, counter: 0, untyped: 0, exemplars: [], startTimestamp: 0 };
    let summary: WireSummary | undefined;
    let histogram: WireHistogram | undefined;
    for (let tag = wire.tag(METRIC.message); tag !== 0; tag = wire.tag(METRIC.message)) {
      if (tag === 10) {
        for (const item of readLabel(wire)) this.#labels.push(item);
        checkCount(this.#labels.length / 4, "labels");
      } else if (tag === 48) {
        const time = wire.int64();
        this.timestamp = time === 0 ? NaN : time;
      } else if (tag % 8 !== WIRE_LENGTH || !BODIES.has(Math.floor(tag / 8))) skipUnknown(wire, tag, METRIC);
      else {
        const to = wire.range();
        wire.seek(wire.start, to);
        if (tag === 34) summary = readSummary(wire, summary);
        else if (tag === 58) histogram = readHistogram(wire, histogram);
        else readPlain(wire, tag, plain);
        wire.seek(to, end);
      }
    }
    if (this.type === "summary") this.#queueSummary(summary ?? emptySummary());
    else if (this.type === "histogram" || this.type === "gaugehistogram") {
      this.#queueHistogram(histogram ?? emptyHistogram());
    } else this.#queueValue(plain);
  }

  #queueValue({ gauge, counter, untyped, exemplars, startTimestamp }: PlainBodies): void {
    const isCounter = this.type === "counter";
    this.startTimestamp = isCounter ? startTimestamp : 0;
    const value = isCounter ? counter : this.type === "gauge" ? gauge : untyped;
    this.#pending.push(() => this.#series("", value, undefined, 0, isCounter ? exemplars : []));
  }

  #queueSummary(summary: WireSummary): void {
    this.startTimestamp = summary.startTimestamp;
    this.#pending.push(() => this.#series("_count", summary.count));
    this.#pending.push(() => this.#series("_sum", summary.sum));
    for (const { bound, value } of summary.quantiles) {
      this.#pending.push(() => this.#series("", value, "quantile", bound));
    }
  }

  #queueHistogram(histogram: WireHistogram): void {
    this.startTimestamp = histogram.startTimestamp;
    const native = this.#options.nativeHistograms === true && isNative(histogram);
    if (native) this.#pending.push(() => this.#native(histogram));
    const convert = !native && this.#options.convertToNhcb === true;
    const keepClassic = this.#options.alwaysClassic === true;
    if (native ? keepClassic && histogram.buckets.length > 0 : keepClassic || !convert) this.#queueClassic(histogram);
    if (convert) this.#pending.push(() => this.#converted(histogram));
  }

  #queueClassic(histogram: WireHistogram): void {
    const count = totalOf(histogram);
    this.#pending.push(() => this.#series("_count", count));
    this.#pending.push(() => this.#series("_sum", histogram.sum));
    const last = histogram.buckets.findIndex(({ bound }) => bound === Infinity);
    const buckets = last < 0 ? [...histogram.buckets] : histogram.buckets.slice(0, last + 1);
    if (last < 0) buckets.push({ bound: Infinity, value: count, exemplar: undefined });
    for (const { bound, value, exemplar } of buckets) {
      const exemplars = exemplar === undefined ? [] : [exemplar];
      this.#pending.push(() => this.#series("_bucket", value, "le", bound, exemplars));
    }
  }

  #native(wire: WireHistogram): EntryKind {
    this.#histogram = toFloatHistogram(wire, this.type === "gaugehistogram", this.familyName(), this.#family);
    this.#exemplars = timed(wire);
    this.#takeKey("", undefined, 0);
    return ENTRY_HISTOGRAM;
  }

  /** Converts a classic histogram to a native one, if its counts are valid. */
  #converted(wire: WireHistogram): EntryKind | undefined {
    const parts = new ClassicParts([], wire.startTimestamp);
    parts.add("count", 0, totalOf(wire), []);
    parts.add("sum", 0, wire.sum, []);
    for (const { bound, value } of wire.buckets) parts.add("bucket", bound, value, []);
    const histogram = parts.toHistogram();
    if (histogram === undefined) return undefined;
    this.#histogram = this.type === "gaugehistogram" ? { ...histogram, resetHint: "gauge" } : histogram;
    this.#exemplars = timed(wire);
    this.#takeKey("", undefined, 0);
    return ENTRY_HISTOGRAM;
  }

  #series(
    suffix: string,
    value: number,
    bound?: string,
    boundValue = 0,
    exemplars: readonly ExposedExemplar[] = [],
  ): EntryKind {
    this.value = value;
    this.#exemplars = exemplars;
    this.#takeKey(suffix, bound, boundValue);
    return ENTRY_SERIES;
  }

  #takeKey(suffix: string, bound: string | undefined, boundValue: number): void {
    this.#key.begin(this.#bytes, this.#name[0], this.#name[1], suffix);
    if (this.#options.typeAndUnitLabels === true) this.#addTypeAndUnit();
    this.#key.addLabels(this.#bytes, this.#labels, this.#family);
    if (bound !== undefined) this.#key.addText(bound, formatOpenMetricsFloat(boundValue));
    this.seriesEnd = this.#key.end();
    this.predicted = this.#predictor?.predict(this.#key.bytes, 0) === this.seriesEnd;
  }

  /** Adds the labels for type and unit to the current series, in place of the metric's labels with the same names. */
  #addTypeAndUnit(): void {
    const unit = this.#unit === undefined ? "" : textOf(this.#bytes, this.#unit[0], this.#unit[1]);
    if (this.type !== "unknown") this.#key.addText(TYPE_LABEL, this.type);
    if (unit !== "") this.#key.addText(UNIT_LABEL, unit);
    const own = this.#labels;
    this.#labels = [];
    for (let i = 0; i < own.length; i += 4) {
      if (!isSetByFamily(textOf(this.#bytes, own[i]!, own[i + 1]!), this.type, unit))
        for (const item of own.slice(i, i + 4)) this.#labels.push(item);
    }
  }
}

/** Returns the count of a histogram: the float field, or the integer field if the float field is zero. */
const totalOf = ({ count, countFloat }: WireHistogram): number => (countFloat === 0 ? count : countFloat);

/**
 * Returns the exemplars of a native histogram that have a timestamp. If the histogram has no exemplars, the exemplars
 * of its classic buckets are used.
 */
function timed({ exemplars, buckets }: WireHistogram): ExposedExemplar[] {
  const all = exemplars.length > 0 ? exemplars : buckets.map((bucket) => bucket.exemplar);
  return all.filter((exemplar) => exemplar?.timestamp !== undefined) as ExposedExemplar[];
}

/** Maximum number of bytes of a varint for the length of a message; lengths have 32 bits. */
const MAX_LENGTH_BYTES = 5;

/** Numbers of the fields of Metric that contain a value: gauge, counter, summary, untyped, histogram. */
const BODIES: ReadonlySet<number> = new Set([2, 3, 4, 5, 7]);
