import { utf8Text, WIRE_FIXED64, WIRE_LENGTH, WIRE_VARINT, WireReader } from "@narthex/bytes";
import { formatFloat } from "@narthex/model";
import type { MetricParts } from "./metric-text.ts";
import { nested, readUint64 } from "./metric-value.ts";

/** Format of a field: a kind of number, a text, or the fields of a nested message. */
type Kind = "double" | "uint64" | "sint" | "int" | "string" | Schema;

interface Schema {
  readonly [field: number]: readonly [name: string, kind: Kind];
}

const LABEL: Schema = { 1: ["name", "string"], 2: ["value", "string"] };
const TIME: Schema = { 1: ["seconds", "int"], 2: ["nanos", "int"] };
const EXEMPLAR: Schema = { 1: ["label", LABEL], 2: ["value", "double"], 3: ["timestamp", TIME] };
const SPAN: Schema = { 1: ["offset", "sint"], 2: ["length", "uint64"] };
const PLAIN: Schema = { 1: ["value", "double"] };
const COUNTER: Schema = { ...PLAIN, 2: ["exemplar", EXEMPLAR], 3: ["created_timestamp", TIME] };
const QUANTILE: Schema = { 1: ["quantile", "double"], 2: ["value", "double"] };
const SUMMARY: Schema = {
  1: ["sample_count", "uint64"],
  2: ["sample_sum", "double"],
  3: ["quantile", QUANTILE],
  4: ["created_timestamp", TIME],
};
const BUCKET: Schema = {
  1: ["cumulative_count", "uint64"],
  2: ["upper_bound", "double"],
  3: ["exemplar", EXEMPLAR],
  4: ["cumulative_count_float", "double"],
};
const HISTOGRAM: Schema = {
  1: ["sample_count", "uint64"],
  2: ["sample_sum", "double"],
  3: ["bucket", BUCKET],
  4: ["sample_count_float", "double"],
  5: ["schema", "sint"],
  6: ["zero_threshold", "double"],
  7: ["zero_count", "uint64"],
  8: ["zero_count_float", "double"],
  9: ["negative_span", SPAN],
  10: ["negative_delta", "sint"],
  11: ["negative_count", "double"],
  12: ["positive_span", SPAN],
  13: ["positive_delta", "sint"],
  14: ["positive_count", "double"],
  15: ["created_timestamp", TIME],
  16: ["exemplars", EXEMPLAR],
};
const METRIC: Schema = {
  2: ["gauge", PLAIN],
  3: ["counter", COUNTER],
  4: ["summary", SUMMARY],
  5: ["untyped", PLAIN],
  7: ["histogram", HISTOGRAM],
};
/**
 * Field numbers in the order of declaration, for messages that declare their fields in another order than by number.
 */
const ORDER: ReadonlyMap<Schema, readonly number[]> = new Map([
  [HISTOGRAM, [1, 4, 2, 3, 15, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16]],
  [BUCKET, [1, 4, 2, 3]],
]);

/** Maximum number of elements of a list that are printed. A hostile push may have thousands in one metric. */
const MAX_SHOWN = 1000;
/** Maximum number of characters of a text in the description, and of the whole description. */
const MAX_CHARACTERS = 65_536;
const MORE = "(and more)";

/** Returns a metric in protobuf's text form, with two blanks between fields, as in Pushgateway's messages. */
export function describeMetric({ labels, value }: MetricParts): string {
  const fields: string[] = [];
  for (let i = 0; i < Math.min(labels.length, 2 * MAX_SHOWN); i += 2)
    fields.push(`label:{name:${protoQuote(labels[i]!)}  value:${protoQuote(labels[i + 1]!)}}`);
  if (labels.length > 2 * MAX_SHOWN) fields.push(MORE);
  const text = [...fields, ...describe(new WireReader(value), METRIC)].join("  ");
  return text.length <= MAX_CHARACTERS ? text : `${text.slice(0, MAX_CHARACTERS).toWellFormed()}…`;
}

/** Returns the fields of a protobuf message as texts. Each value of a repeated field gets its own text. */
function describe(reader: WireReader, schema: Schema): string[] {
  const shown = new Map<number, string[]>();
  for (let tag = reader.tag(""); tag !== 0; tag = reader.tag("")) {
    const known = schema[tag >>> 3];
    const all = shown.get(tag >>> 3) ?? [];
    const texts =
      known === undefined || all.length > MAX_SHOWN ? undefined : valuesOf(reader, tag & 7, known[1], MAX_SHOWN);
    if (known === undefined || texts === undefined) reader.skip(tag);
    else {
      for (const text of texts) all.push(`${known[0]}:${text}`);
      if (all.length > MAX_SHOWN) all.splice(MAX_SHOWN, Infinity, MORE);
      shown.set(tag >>> 3, all);
    }
  }
  const order = ORDER.get(schema) ?? [...shown.keys()].toSorted((a, b) => a - b);
  return order.flatMap((field) => shown.get(field) ?? []);
}

/**
 * Returns at most `most + 1` values of a field as texts. Packed numbers become separate values. Returns undefined if
 * the wire type is not the expected one.
 */
function valuesOf(reader: WireReader, wire: number, kind: Kind, most: number): string[] | undefined {
  if (typeof kind === "object") {
    return wire === WIRE_LENGTH ? [`{${describe(nested(reader), kind).join("  ")}}`] : undefined;
  }
  if (kind === "string") {
    if (wire !== WIRE_LENGTH) return undefined;
    const end = reader.range();
    return [protoQuote(utf8Text(reader.bytes.subarray(reader.start, end)))];
  }
  const own = kind === "double" ? WIRE_FIXED64 : WIRE_VARINT;
  if (wire === own) return [numberText(reader, kind)];
  if (wire !== WIRE_LENGTH) return undefined;
  const packed = nested(reader);
  const texts: string[] = [];
  while (packed.at < packed.end && texts.length <= most) texts.push(numberText(packed, kind));
  return texts;
}

function numberText(reader: WireReader, kind: "double" | "uint64" | "sint" | "int"): string {
  if (kind === "double") return protoNumber(reader.double());
  if (kind === "uint64") return String(readUint64(reader));
  return String(kind === "sint" ? reader.sint64() : reader.int64());
}

/** Formats a number in protobuf's text form, where NaN and infinities are in lower case. */
function protoNumber(value: number): string {
  const text = formatFloat(value);
  return /[IN]/.test(text) ? text.replace("+", "").toLowerCase() : text;
}

const NAMED: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\" };

/**
 * Quotes a text as in protobuf's text form. A lone surrogate from U+DC80 to U+DCFF represents a byte that is not UTF-8.
 */
const protoQuote = (text: string): string =>
  `"${text.slice(0, MAX_CHARACTERS).replace(
    // oxlint-disable-next-line no-control-regex -- control characters are what must be escaped
    /[\u0000-\u001f\u007f"\\]|[\udc80-\udcff](?<![\ud800-\udbff].)/g,
    (char) => NAMED[char] ?? `\\x${(char.charCodeAt(0) & 0xff).toString(16).padStart(2, "0")}`,
  )}"`;
