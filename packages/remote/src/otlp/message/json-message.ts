import { utf8Text, WIRE_FIXED64, WIRE_LENGTH, WIRE_VARINT, WireWriter } from "@narthex/bytes";
import { isDecimal, quote } from "@narthex/model";
import type { Steps } from "@narthex/runtime";
import { JsonReader, MAX_DIGITS } from "./json-reader.ts";

type FieldReader = (json: JsonReader, out: WireWriter, number: number) => void;
/** Reads a JSON list of OTLP messages, and writes them as protobuf. Works in steps between which other work can run. */
type FieldSteps = (json: JsonReader, out: WireWriter, number: number) => Steps<void>;
/** Numbers and readers of an OTLP message's fields, by JSON name. Each name occurs in camelCase and in snake_case. */
type Fields = ReadonlyMap<string, readonly [number: number, read: FieldReader | FieldSteps]>;

const eight = new DataView(new ArrayBuffer(8));
const eightBytes = new Uint8Array(eight.buffer);

const text: FieldReader = (json, out, number) => out.bytes(number, json.string());

const boolean: FieldReader = (json, out, number) => out.uint64(number, json.boolean() ? 1 : 0);

/** Reads an integer. The JSON value may also be a string that contains the integer. */
function integerOf(json: JsonReader, bits: 32 | 64, isSigned: boolean): bigint {
  const name = `Read${isSigned ? "Int" : "Uint"}${bits}`;
  const kind = json.kind();
  if (kind === "number") return json.integer(bits, isSigned);
  if (kind !== "string") json.fail(name, "unsupported value type");
  const text = utf8Text(json.string());
  const go = `strconv.Parse${isSigned ? "Int" : "Uint"}: parsing ${quote(text)}`;
  if (!(isSigned ? /^[+-]?[0-9]+$/ : /^[0-9]+$/).test(text)) json.fail(name, `${go}: invalid syntax`);
  const digits = text.replace(/^[+-]?0*/, "");
  const size = digits.length > MAX_DIGITS ? MOST : BigInt(digits);
  const value = text.startsWith("-") ? -size : size;
  const fits = isSigned ? BigInt.asIntN(bits, value) === value : BigInt.asUintN(bits, value) === value;
  if (!fits) json.fail(name, `${go}: value out of range`);
  return value;
}
/**
 * Value that replaces integers with too many digits, because converting millions of digits would take seconds. The value is larger than the maximum of any field, so the range check refuses it.
 */
const MOST = 1n << 128n;

function doubleOf(json: JsonReader): number {
  const kind = json.kind();
  if (kind === "number") return json.double();
  if (kind !== "string") json.fail("ReadUint64", "unsupported value type");
  const text = utf8Text(json.string());
  const value = goFloat(text);
  if (value === undefined) json.fail("ReadUint64", `strconv.ParseFloat: parsing ${quote(text)}: invalid syntax`);
  if (Number.isFinite(value) || /^[+-]?(?:inf|infinity|nan)$/i.test(text)) return value;
  return json.fail("ReadUint64", `strconv.ParseFloat: parsing ${quote(text)}: value out of range`);
}

function goFloat(text: string): number | undefined {
  const special = /^(?<sign>[+-]?)(?:inf|infinity)$/i.exec(text);
  if (special !== null) return special.groups!["sign"] === "-" ? -Infinity : Infinity;
  if (/^nan$/i.test(text)) return NaN;
  return isDecimal(text) ? Number(text) : undefined;
}

function putFixed(out: WireWriter, value: bigint): void {
  eight.setBigUint64(0, BigInt.asUintN(64, value), true);
  out.raw(eightBytes);
}

function putDouble(out: WireWriter, value: number): void {
  eight.setFloat64(0, value, true);
  out.raw(eightBytes);
}

function putVarint(out: WireWriter, value: bigint): void {
  let rest = BigInt.asUintN(64, value);
  let size = 0;
  for (; rest >= 0x80n; rest >>= 7n) VARINT[size++] = Number(rest & 0x7fn) | 0x80;
  VARINT[size++] = Number(rest);
  out.raw(VARINT.subarray(0, size));
}
const VARINT = new Uint8Array(10);

const fixed =
  (isSigned: boolean): FieldReader =>
  (json, out, number) => {
    const value = integerOf(json, 64, isSigned);
    out.tag(number, WIRE_FIXED64);
    putFixed(out, value);
  };
const double: FieldReader = (json, out, number) => {
  const value = doubleOf(json);
  out.tag(number, WIRE_FIXED64);
  putDouble(out, value);
};
const varint =
  (bits: 32 | 64, isSigned: boolean): FieldReader =>
  (json, out, number) => {
    const value = integerOf(json, bits, isSigned);
    out.tag(number, WIRE_VARINT);
    putVarint(out, value);
  };
/** Writes a signed integer. Unlike other integers, the JSON value must not be a string. */
const zigzag: FieldReader = (json, out, number) => out.sint64(number, Number(json.integer(32, true)));

/** Number of list items that are read between two pauses for other work. */
const NUMBERS_PER_STEP = 1024;

/** Reads a list of numbers as a packed protobuf field. One data point may have millions of numbers. */
const packed = (put: (json: JsonReader, out: WireWriter) => void): FieldSteps =>
  function* (json, out, number) {
    const start = beginMessage(out, number);
    let untilPause = NUMBERS_PER_STEP;
    for (let more = json.firstItem(); more; more = json.nextItem()) {
      put(json, out);
      json.beginPart();
      if (--untilPause > 0) continue;
      untilPause = NUMBERS_PER_STEP;
      yield;
    }
    endMessage(out, start);
  };
const fixeds = packed((json, out) => putFixed(out, integerOf(json, 64, false)));
const doubles = packed((json, out) => putDouble(out, doubleOf(json)));
const varints = packed((json, out) => putVarint(out, integerOf(json, 64, false)));

const message =
  (fields: () => Fields): FieldReader =>
  (json, out, number) =>
    out.message(number, () => readFields(json, out, fields()));
const messages =
  (fields: () => Fields): FieldReader =>
  (json, out, number) =>
    json.array(() => out.message(number, () => readFields(json, out, fields())));

function readFields(json: JsonReader, out: WireWriter, fields: Fields): void {
  json.object((name) => {
    const field = fields.get(name);
    if (field === undefined) json.skip();
    else field[1](json, out, field[0]);
  });
}

/** Reads a JSON object and writes its fields as protobuf, in steps that also pause within large fields. */
function* fieldSteps(json: JsonReader, out: WireWriter, fields: Fields): Steps<void> {
  for (let name = json.firstField(); name !== undefined; name = json.nextField()) {
    json.beginPart();
    const field = fields.get(name);
    if (field === undefined) json.skip();
    else {
      const steps = field[1](json, out, field[0]);
      if (steps !== undefined) yield* steps;
    }
    json.beginPart();
    if (json.isPauseDue()) yield;
  }
}

function* messageSteps(json: JsonReader, out: WireWriter, number: number, fields: Fields): Steps<void> {
  const start = beginMessage(out, number);
  yield* fieldSteps(json, out, fields);
  endMessage(out, start);
}

/**
 * Begins a protobuf message that is written in steps. Reserves a fixed width for the message's length, which is known
 * only at the end. Returns the start of the message's content.
 */
function beginMessage(out: WireWriter, number: number): number {
  out.tag(number, WIRE_LENGTH);
  out.raw(NO_LENGTH);
  return out.length;
}

function endMessage(out: WireWriter, start: number): void {
  let length = out.length - start;
  const { written } = out;
  for (let i = 0; i < NO_LENGTH.length; i++, length >>>= 7) written[start - NO_LENGTH.length + i]! |= length & 0x7f;
}
const NO_LENGTH = Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0);

const stepwise =
  (fields: () => Fields): FieldSteps =>
  (json, out, number) =>
    messageSteps(json, out, number, fields());

/**
 * Returns a function that reads a JSON list of OTLP messages. Pauses within an item, and after an item if enough bytes
 * were read since the last pause.
 */
const listOf = (fields: () => Fields): FieldSteps =>
  function* (json, out, number) {
    for (let more = json.firstItem(); more; more = json.nextItem()) {
      yield* messageSteps(json, out, number, fields());
      json.beginPart();
      if (json.isPauseDue()) yield;
    }
  };

/** Returns a function that reads a JSON list of large OTLP messages. Pauses within items and after each item. */
const pausingListOf = (fields: () => Fields): FieldSteps =>
  function* (json, out, number) {
    for (let more = json.firstItem(); more; more = json.nextItem()) {
      yield* messageSteps(json, out, number, fields());
      json.beginPart();
      yield;
    }
  };

/** Returns a function that reads a JSON list of small OTLP messages. Pauses only between items. */
const pausing = (fields: () => Fields): FieldSteps =>
  function* (json, out, number) {
    for (let more = json.firstItem(); more; more = json.nextItem()) {
      out.message(number, () => readFields(json, out, fields()));
      json.beginPart();
      yield;
    }
  };

function fieldsOf(fields: Readonly<Record<string, readonly [number: number, read: FieldReader | FieldSteps]>>): Fields {
  const entries = Object.entries(fields);
  const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return new Map(entries.flatMap(([name, field]) => [[name, field] as const, [snake(name), field] as const]));
}

const bytes: FieldReader = (json, out, number) => {
  const encoded = Buffer.from(json.string())
    .toString("latin1")
    .replace(/[\r\n]/g, "");
  const wrong = base64Fault(encoded);
  if (wrong >= 0) json.fail("bytesValue", `base64 decode:illegal base64 data at input byte ${wrong}`);
  out.bytes(number, Buffer.from(encoded, "base64"));
};

/** Returns the position of the first error in padded base64 text; -1 if the text is valid. */
function base64Fault(text: string): number {
  const end = /^[A-Za-z0-9+/]*/.exec(text)![0].length;
  const padding = (4 - (end % 4)) % 4;
  if (padding < 3 && text.slice(end) === "=".repeat(padding)) return -1;
  return text.length === end ? end - (end % 4) : end;
}

const id =
  (size: number, name: string, spelling: string): FieldReader =>
  (json, out, number) => {
    const raw = Buffer.from(json.string()).toString("latin1");
    const text = /^"(?<inner>.*)"$/s.exec(raw)?.groups?.["inner"] ?? raw;
    const problem = idProblem(text, size);
    if (problem !== "") json.fail(`exemplar.${name}`, `parse ${spelling}:${problem}`);
    out.bytes(number, Buffer.from(text, "hex"));
  };

/**
 * Returns Go's error for an invalid id in hexadecimal, or an empty string for a valid one.
 * @param text one character for each byte
 */
function idProblem(text: string, size: number): string {
  if (text === "") return "";
  if (Math.floor(text.length / 2) !== size) return "invalid length for ID";
  const wrong = /[^0-9a-fA-F]/.exec(text)?.[0];
  if (wrong === undefined && text.length % 2 === 0) return "";
  const fault = wrong === undefined ? "odd length hex string" : `invalid byte: ${goCharacter(wrong)}`;
  return `cannot unmarshal ID from string '${Buffer.from(text, "latin1").toString()}': encoding/hex: ${fault}`;
}

/** Formats a character like Go's %#U. */
function goCharacter(char: string): string {
  const code = `U+${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
  return /[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(char) ? `${code} '${char}'` : code;
}

const TEMPORALITIES = ["UNSPECIFIED", "DELTA", "CUMULATIVE"].map((name) => `AGGREGATION_TEMPORALITY_${name}`);

/** Reads the field "aggregation temporality", which may be a number or a name. */
const temporality: FieldReader = (json, out, number) => {
  const kind = json.kind();
  if (kind === "other") json.fail("ReadEnumValue", "unsupported value type");
  const value =
    kind === "number"
      ? json.integer(32, true)
      : BigInt(TEMPORALITIES.indexOf(Buffer.from(json.string()).toString("latin1")));
  if (kind === "string" && value < 0n) json.fail("ReadEnumValue", "unknown string value");
  out.tag(number, WIRE_VARINT);
  putVarint(out, value);
};

const ANY_VALUE: Fields = fieldsOf({
  stringValue: [1, text],
  boolValue: [2, boolean],
  intValue: [3, varint(64, true)],
  doubleValue: [4, double],
  arrayValue: [5, message(() => ARRAY_VALUE)],
  kvlistValue: [6, message(() => KEY_VALUE_LIST)],
  bytesValue: [7, bytes],
});
const ARRAY_VALUE: Fields = fieldsOf({ values: [1, messages(() => ANY_VALUE)] });
const KEY_VALUE: Fields = fieldsOf({ key: [1, text], value: [2, message(() => ANY_VALUE)] });
const KEY_VALUE_LIST: Fields = fieldsOf({ values: [1, messages(() => KEY_VALUE)] });
const attributes = messages(() => KEY_VALUE);
const EXEMPLAR: Fields = fieldsOf({
  filteredAttributes: [7, attributes],
  timeUnixNano: [2, fixed(false)],
  asInt: [6, fixed(true)],
  asDouble: [3, double],
  traceId: [5, id(16, "traceId", "trace_id")],
  spanId: [4, id(8, "spanId", "span_id")],
});
const exemplars = messages(() => EXEMPLAR);
const flags = varint(32, false);
const times = { startTimeUnixNano: [2, fixed(false)], timeUnixNano: [3, fixed(false)] } as const;
const NUMBER_POINT: Fields = fieldsOf({
  ...times,
  asInt: [6, fixed(true)],
  asDouble: [4, double],
  attributes: [7, attributes],
  exemplars: [5, exemplars],
  flags: [8, flags],
});
const HISTOGRAM_POINT: Fields = fieldsOf({
  ...times,
  attributes: [9, attributes],
  count: [4, fixed(false)],
  sum: [5, double],
  bucketCounts: [6, fixeds],
  explicitBounds: [7, doubles],
  exemplars: [8, exemplars],
  flags: [10, flags],
  min: [11, double],
  max: [12, double],
});
const BUCKETS: Fields = fieldsOf({ offset: [1, zigzag], bucketCounts: [2, varints] });
const EXPONENTIAL_POINT: Fields = fieldsOf({
  ...times,
  attributes: [1, attributes],
  count: [4, fixed(false)],
  sum: [5, double],
  scale: [6, zigzag],
  zeroCount: [7, fixed(false)],
  positive: [8, stepwise(() => BUCKETS)],
  negative: [9, stepwise(() => BUCKETS)],
  exemplars: [11, exemplars],
  flags: [10, flags],
  min: [12, double],
  max: [13, double],
});
const QUANTILE: Fields = fieldsOf({ quantile: [1, double], value: [2, double] });
const SUMMARY_POINT: Fields = fieldsOf({
  ...times,
  attributes: [7, attributes],
  count: [4, fixed(false)],
  sum: [5, double],
  quantileValues: [6, messages(() => QUANTILE)],
  flags: [8, flags],
});
const data = (points: FieldSteps, more: Readonly<Record<string, readonly [number, FieldReader]>> = {}): Fields =>
  fieldsOf({ dataPoints: [1, points], ...more });
const NUMBER_POINTS = pausing(() => NUMBER_POINT);
const GAUGE = data(NUMBER_POINTS);
const SUM = data(NUMBER_POINTS, { aggregationTemporality: [2, temporality], isMonotonic: [3, boolean] });
const HISTOGRAM = data(
  pausingListOf(() => HISTOGRAM_POINT),
  { aggregationTemporality: [2, temporality] },
);
const EXPONENTIAL_HISTOGRAM = data(
  pausingListOf(() => EXPONENTIAL_POINT),
  { aggregationTemporality: [2, temporality] },
);
const SUMMARY = data(pausing(() => SUMMARY_POINT));
const METRIC: Fields = fieldsOf({
  name: [1, text],
  description: [2, text],
  unit: [3, text],
  metadata: [12, attributes],
  sum: [7, stepwise(() => SUM)],
  gauge: [5, stepwise(() => GAUGE)],
  histogram: [9, stepwise(() => HISTOGRAM)],
  exponentialHistogram: [10, stepwise(() => EXPONENTIAL_HISTOGRAM)],
  summary: [11, stepwise(() => SUMMARY)],
});
const scopeFields = { name: [1, text], version: [2, text], attributes: [3, attributes] } as const;
const dropped = flags;
const SCOPE: Fields = fieldsOf({ ...scopeFields, droppedAttributesCount: [4, dropped] });
const SCOPE_METRICS: Fields = fieldsOf({
  scope: [1, message(() => SCOPE)],
  metrics: [2, listOf(() => METRIC)],
  schemaUrl: [3, text],
});
const RESOURCE: Fields = fieldsOf({ attributes: [1, attributes], droppedAttributesCount: [2, dropped] });
const RESOURCE_METRICS: Fields = fieldsOf({
  resource: [1, message(() => RESOURCE)],
  scopeMetrics: [2, listOf(() => SCOPE_METRICS)],
  schemaUrl: [3, text],
});
const REQUEST: Fields = fieldsOf({ resourceMetrics: [1, listOf(() => RESOURCE_METRICS)] });

/**
 * Converts an OTLP metrics request (ExportMetricsServiceRequest) from JSON to protobuf. Throws JsonError, and
 * MessageError if a part is too large.
 */
export function* jsonToProtobuf(body: Uint8Array): Steps<Uint8Array> {
  const out = new WireWriter(Math.max(body.length, 64));
  const json = new JsonReader(body);
  json.beginPart();
  yield* fieldSteps(json, out, REQUEST);
  return out.written;
}
