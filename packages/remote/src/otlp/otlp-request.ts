import { skipUnknown, utf8Text, WireReader } from "@narthex/bytes";
import { quote } from "@narthex/model";
import type { Steps } from "@narthex/runtime";
import type { Ingest } from "../receiver/ingest.ts";
import { ByteRun } from "./byte-run.ts";
import { checkMessage } from "./check-message.ts";
import type { DeltaToCumulative } from "./delta-to-cumulative.ts";
import { ExponentialPoints } from "./exponential-points.ts";
import { HistogramPoints } from "./histogram-points.ts";
import { CUMULATIVE, DELTA, MetricMessage } from "./metric-fields.ts";
import type { MetricKind } from "./metric-names.ts";
import { NumberPoints } from "./number-points.ts";
import { noteRange } from "./otlp-exemplars.ts";
import { EXPORT_REQUEST, type OtlpMessage, RESOURCE_METRICS, SCOPE, SCOPE_METRICS } from "./otlp-messages.ts";
import type { PointContext, PointReader, WarningCategory } from "./point-reader.ts";
import type { PointReferences } from "./point-references.ts";
import { SeriesWriter } from "./series-writer.ts";
import { SummaryPoints } from "./summary-points.ts";
import { TargetInfo } from "./target-info.ts";
import type { Translation } from "./translation.ts";
import { millisecondsOf } from "./wire-times.ts";

/** Points that are read between two looks at the clock. */
const POINTS_PER_STEP = 256;

export interface OtlpRequestOptions {
  readonly references: PointReferences;
  readonly translation: Translation;
  /** Adds up points with delta temporality. */
  readonly deltas: DeltaToCumulative | undefined;
  /** Stores points with delta temporality as they come. */
  readonly nativeDeltas: boolean;
  readonly lookbackMs: number;
}

/**
 * Reads an ExportMetricsServiceRequest. What cannot be translated is left out and told, as Prometheus does; the first value
 * that the storage refuses ends the request, of which the rest is only read.
 */
export class OtlpRequest {
  /** What was left out, and why: a sentence each. */
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
  #untilPause = POINTS_PER_STEP;
  #resource = 0;
  #resourceBytes: Uint8Array = new Uint8Array();

  constructor(message: Uint8Array, options: OtlpRequestOptions) {
    const { references, translation } = options;
    this.#options = options;
    this.#message = message;
    this.#wire = new WireReader(message);
    this.writer = new SeriesWriter(references, translation);
    const context: PointContext = {
      wire: this.#wire,
      view: new DataView(message.buffer, message.byteOffset, message.byteLength),
      attributes: new ByteRun(),
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

  /** Brings all series into the transaction. Throws WireError where the message is broken, IngestError where storage fails. */
  *steps(ingest: Ingest): Steps<void> {
    const { translation } = this.#options;
    const collisions = translation.collisions;
    this.writer.begin(ingest);
    const resources: number[] = [];
    this.#scan(0, this.#message.length, EXPORT_REQUEST, (tag, wire) => {
      if (tag === 10) noteRange(wire, resources);
      else skipUnknown(wire, tag, EXPORT_REQUEST.fields);
    });
    for (let i = 0; i < resources.length; i += 2)
      yield* this.#resourceMetrics(resources[i]!, resources[i + 1]!, ingest);
    ingest.flush();
    if (translation.collisions > collisions) this.#warn("label_name_collision");
  }

  /** Reads the fields of the message at [start, end). */
  #scan(start: number, end: number, { fields }: OtlpMessage, read: (tag: number, wire: WireReader) => void): void {
    const wire = this.#wire;
    wire.seek(start, end);
    for (let tag = wire.tag(fields.message); tag !== 0; tag = wire.tag(fields.message)) read(tag, wire);
  }

  /** Notes a field's bytes after those of an earlier field of the same number: messages are merged so. */
  #append(run: ByteRun): void {
    const end = this.#wire.range();
    run.add(this.#message, this.#wire.start, end);
  }

  *#resourceMetrics(start: number, end: number, ingest: Ingest): Steps<void> {
    const resource = new ByteRun();
    const scopes: number[] = [];
    resource.reset(this.#message, this.#context.view);
    this.#scan(start, end, RESOURCE_METRICS, (tag, wire) => {
      if (tag === 10) this.#append(resource);
      else if (tag === 18) noteRange(wire, scopes);
      else if (tag === 26) wire.range();
      else skipUnknown(wire, tag, RESOURCE_METRICS.fields);
    });
    this.#resourceBytes = resource.taken;
    this.#resource = this.#options.translation.resource(this.#resourceBytes);
    this.#targetInfo.begin();
    for (let i = 0; i < scopes.length; i += 2) yield* this.#scopeMetrics(scopes[i]!, scopes[i + 1]!, ingest);
    this.#targetInfo.write(this.#resource, this.writer);
  }

  *#scopeMetrics(start: number, end: number, ingest: Ingest): Steps<void> {
    const scope = new ByteRun();
    const schemaUrl = new ByteRun();
    const metrics: number[] = [];
    scope.reset(this.#message, this.#context.view);
    this.#scan(start, end, SCOPE_METRICS, (tag, wire) => {
      if (tag === 10) this.#append(scope);
      else if (tag === 18) noteRange(wire, metrics);
      else if (tag === 26) {
        schemaUrl.reset(this.#message, this.#context.view);
        this.#append(schemaUrl);
      } else skipUnknown(wire, tag, SCOPE_METRICS.fields);
    });
    checkMessage(new WireReader(scope.taken), SCOPE);
    const number = this.#options.translation.scope(scope.taken, schemaUrl.taken);
    for (let i = 0; i < metrics.length; i += 2) {
      this.#metric.read(this.#wire, metrics[i]!, metrics[i + 1]!);
      yield* this.#points(number, scope.taken, ingest);
    }
  }

  *#points(scope: number, scopeBytes: Uint8Array, ingest: Ingest): Steps<void> {
    const metric = this.#metric;
    let isLeftOut = !this.#open(scope, scopeBytes);
    const { points } = metric;
    for (let i = 0; i < points.length; i += 2) {
      if (--this.#untilPause <= 0) {
        this.#untilPause = POINTS_PER_STEP;
        ingest.flush();
        yield;
      }
      if (isLeftOut) {
        this.#pass(points[i]!, points[i + 1]!);
        continue;
      }
      const problem = this.#readers[metric.kind].read(points[i]!, points[i + 1]!);
      if (problem === undefined) continue;
      this.#leaveOut(problem);
      isLeftOut = true;
    }
  }

  /** Gets ready for the points of the metric at hand; false where they are left out. */
  #open(scope: number, scopeBytes: Uint8Array): boolean {
    const { name, unit, description, data, kind, temporality, points } = this.#metric;
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
    if (points.length === 0) {
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

  /** Reads a point that is left out: its resource was seen at its time all the same. */
  #pass(start: number, end: number): void {
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

/** Of the time of each kind of point. */
const TIME_TAG = 25;
