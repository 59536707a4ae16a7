import { WIRE_FIXED64, WIRE_VARINT, type WireWriter } from "@narthex/bytes";

/** A message in OTLP's JSON format, in which 64-bit integers are texts and ids are hexadecimal. */
export interface OtlpObject {
  readonly [field: string]: OtlpField | undefined;
}
type OtlpField = string | number | boolean | Uint8Array | OtlpObject | readonly OtlpField[];

type Type =
  | "text"
  | "hex"
  | "bytes"
  | "varint"
  | "zigzag"
  | "bool"
  | "fixed"
  | "double"
  | "varints"
  | "doubles"
  | "fixeds";
type Shape = { readonly [field: string]: readonly [number: number, type: Type | (() => Shape)] };

const value = (): Shape => ({
  stringValue: [1, "text"],
  boolValue: [2, "bool"],
  intValue: [3, "varint"],
  doubleValue: [4, "double"],
  arrayValue: [5, () => ({ values: [1, value] })],
  kvlistValue: [6, () => ({ values: [1, keyValue] })],
  bytesValue: [7, "bytes"],
});
const keyValue = (): Shape => ({ key: [1, "text"], value: [2, value] });
const exemplar = (): Shape => ({
  timeUnixNano: [2, "fixed"],
  asDouble: [3, "double"],
  spanId: [4, "hex"],
  traceId: [5, "hex"],
  asInt: [6, "fixed"],
  filteredAttributes: [7, keyValue],
});
const times: Shape = { startTimeUnixNano: [2, "fixed"], timeUnixNano: [3, "fixed"] };
const numberPoint = (): Shape => ({
  ...times,
  asDouble: [4, "double"],
  exemplars: [5, exemplar],
  asInt: [6, "fixed"],
  attributes: [7, keyValue],
  flags: [8, "varint"],
});
const histogramPoint = (): Shape => ({
  ...times,
  count: [4, "fixed"],
  sum: [5, "double"],
  bucketCounts: [6, "fixeds"],
  explicitBounds: [7, "doubles"],
  exemplars: [8, exemplar],
  attributes: [9, keyValue],
  flags: [10, "varint"],
  min: [11, "double"],
  max: [12, "double"],
});
const buckets = (): Shape => ({ offset: [1, "zigzag"], bucketCounts: [2, "varints"] });
const exponentialPoint = (): Shape => ({
  attributes: [1, keyValue],
  ...times,
  count: [4, "fixed"],
  sum: [5, "double"],
  scale: [6, "zigzag"],
  zeroCount: [7, "fixed"],
  positive: [8, buckets],
  negative: [9, buckets],
  flags: [10, "varint"],
  exemplars: [11, exemplar],
  min: [12, "double"],
  max: [13, "double"],
});
const summaryPoint = (): Shape => ({
  ...times,
  count: [4, "fixed"],
  sum: [5, "double"],
  quantileValues: [6, () => ({ quantile: [1, "double"], value: [2, "double"] })],
  attributes: [7, keyValue],
  flags: [8, "varint"],
});
const data =
  (point: () => Shape): (() => Shape) =>
  () => ({
    dataPoints: [1, point],
    aggregationTemporality: [2, "varint"],
    isMonotonic: [3, "bool"],
  });
const metric = (): Shape => ({
  name: [1, "text"],
  description: [2, "text"],
  unit: [3, "text"],
  gauge: [5, data(numberPoint)],
  sum: [7, data(numberPoint)],
  histogram: [9, data(histogramPoint)],
  exponentialHistogram: [10, data(exponentialPoint)],
  summary: [11, data(summaryPoint)],
});
const scope = (): Shape => ({ name: [1, "text"], version: [2, "text"], attributes: [3, keyValue] });
const scopeMetrics = (): Shape => ({ scope: [1, scope], metrics: [2, metric], schemaUrl: [3, "text"] });
const resource = (): Shape => ({ attributes: [1, keyValue] });
const resourceMetrics = (): Shape => ({
  resource: [1, resource],
  scopeMetrics: [2, scopeMetrics],
  schemaUrl: [3, "text"],
});
const request = (): Shape => ({ resourceMetrics: [1, resourceMetrics] });

/**
 * Encodes an OTLP metrics request (ExportMetricsServiceRequest).
 * @param more callback at the end of each nested message, for writing additional fields
 */
export const writeOtlpRequest = (out: WireWriter, message: OtlpObject, more: () => void = () => {}): void =>
  writeMessage(out, message, request(), more);

function writeMessage(out: WireWriter, message: OtlpObject, shape: Shape, more: () => void): void {
  for (const [name, field] of Object.entries(message)) {
    const known = shape[name];
    if (field === undefined) continue;
    if (known === undefined) throw new Error(`no field ${name}`);
    const [number, type] = known;
    if (type === "varints" || type === "fixeds" || type === "doubles") {
      out.message(number, () => {
        for (const item of field as readonly OtlpField[]) writeScalar(out, item, type.slice(0, -1) as Type);
      });
    } else
      for (const item of Array.isArray(field) ? (field as readonly OtlpField[]) : [field])
        writeField(out, number, item, type, more);
  }
  more();
}

function writeField(
  out: WireWriter,
  number: number,
  field: OtlpField,
  type: Type | (() => Shape),
  more: () => void,
): void {
  if (typeof type === "function") out.message(number, () => writeMessage(out, field as OtlpObject, type(), more));
  else if (type === "text") out.string(number, field as string);
  else if (type === "hex") out.bytes(number, Buffer.from(field as string, "hex"));
  else if (type === "bytes")
    out.bytes(number, typeof field === "string" ? Buffer.from(field, "base64") : (field as Uint8Array));
  else {
    out.tag(number, type === "fixed" || type === "double" ? WIRE_FIXED64 : WIRE_VARINT);
    writeScalar(out, field, type);
  }
}

function writeScalar(out: WireWriter, field: OtlpField, type: Type): void {
  const eight = new DataView(new ArrayBuffer(8));
  if (type === "double") {
    eight.setFloat64(0, Number(field), true);
    out.raw(new Uint8Array(eight.buffer));
  } else if (type === "fixed") {
    eight.setBigUint64(0, BigInt.asUintN(64, BigInt(field as string)), true);
    out.raw(new Uint8Array(eight.buffer));
  } else if (type === "bool") out.varint(field === true ? 1 : 0);
  else if (type === "zigzag") out.varint(Number(field) < 0 ? -Number(field) * 2 - 1 : Number(field) * 2);
  else writeVarint(out, BigInt.asUintN(64, BigInt(field as string | number)));
}

function writeVarint(out: WireWriter, number: bigint): void {
  const bytes: number[] = [];
  let rest = number;
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  out.raw(Uint8Array.from([...bytes, Number(rest)]));
}
