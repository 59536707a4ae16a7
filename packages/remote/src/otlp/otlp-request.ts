import { skipUnknown, utf8Text, WireReader } from "@narthex/bytes";
import { quote } from "@narthex/model";
import type { Steps } from "@narthex/runtime";
import type { Ingest } from "../receiver/ingest.ts";
import { ByteRun } from "./points/byte-run.ts";
import { checkMessage } from "./message/check-message.ts";
import type { DeltaToCumulative } from "./points/delta-to-cumulative.ts";
import { ExponentialPoints } from "./points/exponential-points.ts";
import { HistogramPoints } from "./points/histogram-points.ts";
import { CUMULATIVE, DELTA, MetricMessage } from "./translation/metric-fields.ts";
import type { MetricKind } from "./translation/metric-names.ts";
import { NumberPoints } from "./points/number-points.ts";
import { MAX_PART_BYTES, MessageBudget, partTooLarge } from "../message-limits.ts";
import { EXPORT_REQUEST, type OtlpMessage, RESOURCE_METRICS, SCOPE, SCOPE_METRICS } from "./message/otlp-messages.ts";
import { PASSED_FIELD_BYTES, Pauses } from "../pauses.ts";
import { TIME_TAG } from "./points/point-fields.ts";
import type { PointContext, PointReader, WarningCategory } from "./points/point-reader.ts";
import type { PointReferences } from "./series/point-references.ts";
import { SeriesWriter } from "./series/series-writer.ts";
import { SummaryPoints } from "./points/summary-points.ts";
import { TargetInfo } from "./series/target-info.ts";
import type { Translation } from "./translation/translation.ts";
import { millisecondsOf } from "./message/wire-times.ts";

/**
 * Number of bytes that is added to each data point when the reader counts bytes between pauses. Otherwise, many tiny
 * points would be read without a pause.
 */
const POINT_BYTES = 240;
/**
 * Factor for the size of a histogram when the reader counts bytes between pauses, because a few bytes of a histogram
 * can become a series.
 */
const POINT_WEIGHT = 2;

export interface OtlpRequestOptions {
  readonly references: PointReferences;
  readonly translation: Translation;
  /** Adds up data points of delta temporality. Undefined if they are not added up. */
  readonly deltas: DeltaToCumulative | undefined;
  /** True to store data points of delta temporality unchanged. */
  readonly nativeDeltas: boolean;
  readonly lookbackMs: number;
}

/**
 * Reads an OTLP metrics request (ExportMetricsServiceRequest). Leaves out and reports metrics that cannot be
 * translated, as in Prometheus. After the first value that the storage refuses, only checks the rest of the message.
 */
export class OtlpRequest {
  /** One error text for each OTLP metric that was not stored because it cannot be translated. */
  readonly leftOut: string[] = [];
  readonly warnings = new Map<WarningCategory, number>();
  readonly writer: SeriesWriter;
  readonly #options: OtlpRequestOptions;
  readonly #wire: WireReader;
  readonly #message: Uint8Array;
  readonly #context: PointContext;
  readonly #targetInfo: TargetInfo;
  readonly #readers: Readonly<Record<MetricKind, PointReader>>;
  readonly #metric = new MetricMessage();
  readonly #budget = new MessageBudget();
  #pauses!: Pauses;
  #resource = 0;
  #resourceBytes: Uint8Array = new Uint8Array();

  constructor(message: Uint8Array, options: OtlpRequestOptions) {
    const { references, translation } = options;
    this.#options = options;
    this.#message = message;
    this.#wire = new WireReader(message);
    this.writer = new SeriesWriter(references, translation, this.#budget);
    const context: PointContext = {
      wire: this.#wire,
      view: new DataView(message.buffer, message.byteOffset, message.byteLength),
      attributes: new ByteRun(MAX_PART_BYTES),
      references,
      writer: this.writer,
      family: 0,
      isDelta: false,
      hasExemplars: false,
      deltas: undefined,
      noteTime: (low, high) => this.#targetInfo.noteTime(millisecondsOf(low, high)),
      warn: (category) => this.#warn(category),
    };
    this.#context = context;
    this.#targetInfo = new TargetInfo(references, translation, options.lookbackMs);
    const numbers = new NumberPoints(context);
    this.#readers = {
      gauge: numbers,
      "monotonic sum": numbers,
      "non-monotonic sum": numbers,
      histogram: new HistogramPoints(context, translation.config.convertHistogramsToNhcb),
      "exponential histogram": new ExponentialPoints(context),
      summary: new SummaryPoints(context),
    };
  }

  #warn(category: WarningCategory): void {
    this.warnings.set(category, (this.warnings.get(category) ?? 0) + 1);
  }

  #leaveOut(problem: string): void {
    this.leftOut.push(problem);
  }

  /**
   * Adds all series of the OTLP request to the transaction. Throws WireError if the message is invalid, and IngestError
   * if the storage fails.
   */
  *steps(ingest: Ingest): Steps<void> {
    const { translation } = this.#options;
    const collisions = translation.collisions;
    this.#pauses = new Pauses(ingest);
    this.writer.begin(ingest);
    yield* this.#scan(0, this.#message.length, EXPORT_REQUEST, (tag, wire) => {
      if (tag === 10) wire.range();
      else skipUnknown(wire, tag, EXPORT_REQUEST.fields);
    });
    yield* this.#nested(0, this.#message.length, EXPORT_REQUEST, 10, (start, end) => this.#resourceMetrics(start, end));
    ingest.flush();
    if (translation.collisions > collisions) this.#warn("label_name_collision");
  }

  /** Reads the fields of the protobuf message at [start, end). */
  *#scan(
    start: number,
    end: number,
    { fields }: OtlpMessage,
    read: (tag: number, wire: WireReader) => void,
  ): Steps<void> {
    const wire = this.#wire;
    wire.seek(start, end);
    for (let tag = wire.tag(fields.message); tag !== 0; tag = wire.tag(fields.message)) {
      read(tag, wire);
      this.#pauses.count(PASSED_FIELD_BYTES);
      if (this.#pauses.isDue) yield this.#pauses.take();
    }
  }

  /**
   * Calls `visit` with the position of each message in field `wanted` of the message at [start, end). Skips all other
   * fields.
   */
  *#nested(
    start: number,
    end: number,
    { fields }: OtlpMessage,
    wanted: number,
    visit: (start: number, end: number) => Steps<void> | undefined,
  ): Steps<void> {
    const wire = this.#wire;
    for (let at = start; at < end;) {
      wire.seek(at, end);
      const tag = wire.tag(fields.message);
      this.#pauses.count(PASSED_FIELD_BYTES);
      if (this.#pauses.isDue) yield this.#pauses.take();
      if (tag === wanted) {
        at = wire.range();
        const steps = visit(wire.start, at);
        if (steps !== undefined) yield* steps;
        continue;
      }
      wire.skip(tag);
      at = wire.at;
    }
  }

  /**
   * Appends the bytes of a field to the bytes of an earlier field with the same number, because protobuf merges
   * repeated fields that contain messages.
   */
  #append(run: ByteRun): void {
    const end = this.#wire.range();
    run.add(this.#message, this.#wire.start, end);
  }

  *#resourceMetrics(start: number, end: number): Steps<void> {
    this.#budget.takeGroup();
    const resource = new ByteRun(MAX_PART_BYTES);
    resource.reset(this.#message, this.#context.view);
    yield* this.#scan(start, end, RESOURCE_METRICS, (tag, wire) => {
      if (tag === 10) this.#append(resource);
      else if (tag === 18 || tag === 26) wire.range();
      else skipUnknown(wire, tag, RESOURCE_METRICS.fields);
    });
    this.#resourceBytes = resource.taken;
    this.#resource = this.#options.translation.resource(this.#resourceBytes);
    this.#targetInfo.begin();
    yield* this.#nested(start, end, RESOURCE_METRICS, 18, (from, to) => this.#scopeMetrics(from, to));
    this.#targetInfo.write(this.#resource, this.writer);
  }

  *#scopeMetrics(start: number, end: number): Steps<void> {
    this.#budget.takeGroup();
    const scope = new ByteRun(MAX_PART_BYTES);
    const schemaUrl = new ByteRun(MAX_PART_BYTES);
    scope.reset(this.#message, this.#context.view);
    yield* this.#scan(start, end, SCOPE_METRICS, (tag, wire) => {
      if (tag === 10) this.#append(scope);
      else if (tag === 18) wire.range();
      else if (tag === 26) {
        schemaUrl.reset(this.#message, this.#context.view);
        this.#append(schemaUrl);
      } else skipUnknown(wire, tag, SCOPE_METRICS.fields);
    });
    checkMessage(new WireReader(scope.taken), SCOPE);
    const number = this.#options.translation.scope(scope.taken, schemaUrl.taken);
    yield* this.#nested(start, end, SCOPE_METRICS, 18, (from, to) => this.#metricSteps(from, to, number, scope.taken));
  }

  *#metricSteps(start: number, end: number, scope: number, scopeBytes: Uint8Array): Steps<void> {
    this.#budget.takeGroup();
    const metric = this.#metric;
    yield* metric.steps(this.#wire, start, end, this.#pauses);
    let isLeftOut = !this.#open(scope, scopeBytes);
    if (metric.data === undefined) return;
    const reader = this.#readers[metric.kind];
    yield* this.#nested(metric.dataStart, metric.dataEnd, metric.data.message, 10, (from, to) => {
      this.#budget.takePoint();
      if (to - from > MAX_PART_BYTES) throw partTooLarge();
      this.#pauses.count(POINT_BYTES + (to - from) * POINT_WEIGHT);
      const problem = isLeftOut ? this.#pass(from, to) : reader.read(from, to);
      if (problem === undefined) return undefined;
      this.#leaveOut(problem);
      isLeftOut = true;
      return undefined;
    });
  }

  /** Prepares to read the data points of the current OTLP metric. Returns false if the data points are not stored. */
  #open(scope: number, scopeBytes: Uint8Array): boolean {
    const { name, unit, description, data, kind, temporality, hasPoints } = this.#metric;
    const { deltas, nativeDeltas, translation } = this.#options;
    if (data === undefined) {
      this.#leaveOut(
        `could not get aggregation temporality for ${utf8Text(name)} as it has unsupported metric type Empty`,
      );
      return false;
    }
    const isDelta = data.hasTemporality && temporality === DELTA;
    if (data.hasTemporality && temporality !== CUMULATIVE && !(isDelta && (nativeDeltas || deltas !== undefined))) {
      this.#leaveOut(`invalid temporality and type combination for metric ${quote(utf8Text(name))}`);
      return false;
    }
    if (!hasPoints) {
      this.#warn("empty_data_points");
      return false;
    }
    const context = this.#context;
    context.isDelta = isDelta && nativeDeltas;
    context.hasExemplars = kind !== "gauge";
    context.deltas = isDelta
      ? deltas?.metric([this.#resourceBytes, scopeBytes, name, unit, Uint8Array.of(kind.length)])
      : undefined;
    context.family = translation.family(this.#resource, scope, {
      kind,
      isDelta: context.isDelta,
      name,
      unit,
      description,
    });
    return true;
  }

  /** Reads only the time of a data point that is not stored, because the time still counts for the point's resource. */
  #pass(start: number, end: number): undefined {
    const wire = this.#wire;
    const { point } = this.#metric.data!;
    wire.seek(start, end);
    checkMessage(wire, point);
    wire.seek(start, end);
    const time = new Uint32Array(2);
    for (let tag = wire.tag(point.fields.message); tag !== 0; tag = wire.tag(point.fields.message)) {
      if (tag === TIME_TAG) wire.doubleWords(time, 0);
      else wire.skip(tag);
    }
    this.#context.noteTime(time[0]!, time[1]!);
  }
}
