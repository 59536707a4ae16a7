import { skipUnknown, type WireReader } from "@narthex/bytes";
import type { Steps } from "@narthex/runtime";
import { PASSED_FIELD_BYTES, type Pauses } from "../../pauses.ts";
import { checkMessage } from "../message/check-message.ts";
import type { MetricKind } from "./metric-names.ts";
import {
  EXPONENTIAL_HISTOGRAM,
  GAUGE,
  HISTOGRAM,
  KEY_VALUE,
  METRIC,
  NUMBER_POINT,
  type OtlpMessage,
  SUM,
  SUMMARY,
  HISTOGRAM_POINT,
  EXPONENTIAL_POINT,
  SUMMARY_POINT,
} from "../message/otlp-messages.ts";

/** Numbers of OTLP's AggregationTemporality. */
export const DELTA = 1;
export const CUMULATIVE = 2;

const NO_BYTES = new Uint8Array();

/** A kind of metric, with the tag of the field in which the protobuf message Metric has its data. */
interface DataKind {
  readonly message: OtlpMessage;
  readonly point: OtlpMessage;
  readonly kind: MetricKind;
  readonly hasTemporality: boolean;
}
const DATA_KINDS: ReadonlyMap<number, DataKind> = new Map<number, DataKind>([
  [42, { message: GAUGE, point: NUMBER_POINT, kind: "gauge", hasTemporality: false }],
  [58, { message: SUM, point: NUMBER_POINT, kind: "non-monotonic sum", hasTemporality: true }],
  [74, { message: HISTOGRAM, point: HISTOGRAM_POINT, kind: "histogram", hasTemporality: true }],
  [
    82,
    {
      message: EXPONENTIAL_HISTOGRAM,
      point: EXPONENTIAL_POINT,
      kind: "exponential histogram",
      hasTemporality: true,
    },
  ],
  [90, { message: SUMMARY, point: SUMMARY_POINT, kind: "summary", hasTemporality: false }],
]);

/** The fields of a protobuf message Metric. The object is reused for later messages. */
export class MetricMessage {
  name: Uint8Array = NO_BYTES;
  unit: Uint8Array = NO_BYTES;
  description: Uint8Array = NO_BYTES;
  /** Kind of the metric, or undefined if it has no data. */
  data: DataKind | undefined;
  kind: MetricKind = "gauge";
  /** Temporality of a sum or histogram: delta or cumulative. */
  temporality = 0;
  hasPoints = false;
  /** Start and end of the field with the data, in the message. */
  dataStart = 0;
  dataEnd = 0;

  /** Reads the metric at [start, end) without its data points. Regularly lets other work run. Throws WireError. */
  *steps(wire: WireReader, start: number, end: number, pauses: Pauses): Steps<void> {
    this.name = this.unit = this.description = NO_BYTES;
    this.data = undefined;
    this.hasPoints = false;
    wire.seek(start, end);
    for (let tag = wire.tag(METRIC.fields.message); tag !== 0; tag = wire.tag(METRIC.fields.message)) {
      const data = DATA_KINDS.get(tag);
      if (tag === 10) this.name = readBytes(wire);
      else if (tag === 18) this.description = readBytes(wire);
      else if (tag === 26) this.unit = readBytes(wire);
      else if (data !== undefined) {
        // Uses the last data field if the message has several.
        this.data = data;
        this.dataEnd = wire.range();
        this.dataStart = wire.start;
      } else if (tag === 98) checkNested(wire, KEY_VALUE);
      else skipUnknown(wire, tag, METRIC.fields);
      pauses.count(PASSED_FIELD_BYTES);
      if (pauses.isDue) yield pauses.take();
    }
    if (this.data !== undefined) yield* this.#dataSteps(wire, this.data, pauses);
  }

  *#dataSteps(wire: WireReader, { message, kind }: DataKind, pauses: Pauses): Steps<void> {
    let isMonotonic = false;
    this.temporality = 0;
    wire.seek(this.dataStart, this.dataEnd);
    for (let tag = wire.tag(message.fields.message); tag !== 0; tag = wire.tag(message.fields.message)) {
      if (tag === 10) this.hasPoints = wire.range() >= 0;
      else if (tag === 16 && message.types.has(2)) this.temporality = wire.int32();
      else if (tag === 24 && message.types.has(3)) isMonotonic = wire.uint64() !== 0;
      else skipUnknown(wire, tag, message.fields);
      pauses.count(PASSED_FIELD_BYTES);
      if (pauses.isDue) yield pauses.take();
    }
    this.kind = isMonotonic ? "monotonic sum" : kind;
  }
}

function readBytes(wire: WireReader): Uint8Array {
  const end = wire.range();
  return wire.bytes.subarray(wire.start, end);
}

/** Checks a nested message. The caller has read its tag. Afterwards the reader continues after the nested message. */
function checkNested(wire: WireReader, message: OtlpMessage): void {
  const outer = wire.end;
  const end = wire.range();
  wire.seek(wire.start, end);
  checkMessage(wire, message);
  wire.seek(end, outer);
}
