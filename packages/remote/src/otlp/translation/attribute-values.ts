import { readText } from "../../receiver/series-labels.ts";
import { skipUnknown, WireError, type WireReader } from "@narthex/bytes";
import { goJson } from "@narthex/model";
import { MAX_DEPTH } from "../message/check-message.ts";
import { PartBudget } from "../../message-limits.ts";
import { ANY_VALUE, ARRAY_VALUE, KEY_VALUE, KEY_VALUE_LIST } from "../message/otlp-messages.ts";

/** The value of an attribute in two forms: as text for a label, and as JSON for use within a list or map. */
interface AttributeValue {
  readonly text: string;
  /** The value as JSON, or undefined for a number that JSON cannot express. */
  readonly json: string | undefined;
}

const EMPTY: AttributeValue = { text: "", json: "null" };

/**
 * Reads attributes (protobuf messages KeyValue) up to the end of the reader. Appends key, text, key, text … to `into`
 * and returns it.
 */
export function readAttributes(wire: WireReader, into: string[]): string[] {
  const part = new PartBudget();
  for (let tag = wire.tag(KEY_VALUE.fields.message); tag !== 0; tag = wire.tag(KEY_VALUE.fields.message)) {
    readAttribute(wire, into, part);
  }
  return into;
}

/** Reads an attribute (a protobuf message KeyValue). The caller has read its tag. */
export function readAttribute(wire: WireReader, into: string[], part: PartBudget): void {
  const pair = readPair(wire, part);
  into.push(pair.key, pair.value.text);
}

function readPair(wire: WireReader, part: PartBudget, level = 0): { key: string; value: AttributeValue } {
  let key = "";
  let value = EMPTY;
  within(wire, () => {
    for (let tag = wire.tag(KEY_VALUE.fields.message); tag !== 0; tag = wire.tag(KEY_VALUE.fields.message)) {
      if (tag === 10) key = readText(wire);
      else if (tag === 18) value = readValue(wire, value, part, level);
      else skipUnknown(wire, tag, KEY_VALUE.fields);
    }
  });
  return { key, value };
}

/**
 * Calls `read` with the reader limited to a nested message. The caller has read its tag. Afterwards the reader
 * continues after the nested message.
 */
function within(wire: WireReader, read: () => void): void {
  const outer = wire.end;
  const end = wire.range();
  wire.seek(wire.start, end);
  read();
  wire.seek(end, outer);
}

/**
 * Reads a value of an attribute (a protobuf message AnyValue), up to the end of the reader.
 * @param before result of an earlier message of the same field, which is returned if this message has no value
 * @param level number of values that contain this value
 */
function readValue(wire: WireReader, before: AttributeValue, part: PartBudget, level: number): AttributeValue {
  if (level > MAX_DEPTH) throw new WireError("exceeded max depth");
  part.takeValue();
  let value = before;
  within(wire, () => {
    for (let tag = wire.tag(ANY_VALUE.fields.message); tag !== 0; tag = wire.tag(ANY_VALUE.fields.message)) {
      value = readAlternative(wire, tag, part, level) ?? value;
    }
  });
  return value;
}

function readAlternative(wire: WireReader, tag: number, part: PartBudget, level: number): AttributeValue | undefined {
  if (tag === 10) return textValue(readText(wire));
  if (tag === 16) return plainValue(String(wire.uint64() !== 0));
  if (tag === 24) return plainValue(String(wireInteger(wire)));
  if (tag === 33) return doubleValue(wire.double());
  if (tag === 42) return jsonValue(readList(wire, part, level));
  if (tag === 50) return jsonValue(readMap(wire, part, level));
  if (tag === 58) return bytesValue(wire);
  skipUnknown(wire, tag, ANY_VALUE.fields);
  return undefined;
}

const plainValue = (json: string): AttributeValue => ({ text: json, json });
const textValue = (value: string): AttributeValue => ({
  text: value,
  json: value.isWellFormed() ? goJson(value) : goJson(value).replace(/\\ud[89a-f][0-9a-f]{2}/g, "\\ufffd"),
});
/** Returns a list or map as a value. The text for labels is empty if JSON cannot express the value. */
const jsonValue = (json: string | undefined): AttributeValue => ({ text: json ?? "", json });

function doubleValue(value: number): AttributeValue {
  if (Number.isFinite(value)) return plainValue(Object.is(value, -0) ? "-0" : String(value));
  const name = Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
  return { text: `json: unsupported value: ${name}`, json: undefined };
}

function bytesValue(wire: WireReader): AttributeValue {
  const end = wire.range();
  const text = Buffer.from(wire.bytes.subarray(wire.start, end)).toString("base64");
  return { text, json: `"${text}"` };
}

/** Reads a signed varint. Returns a BigInt for numbers beyond 2^53. */
function wireInteger(wire: WireReader): number | bigint {
  const start = wire.at;
  const value = wire.int64();
  if (Number.isSafeInteger(value)) return value;
  let exact = 0n;
  for (let at = start, shift = 0n; at < wire.at; at++, shift += 7n) exact |= BigInt(wire.bytes[at]! & 0x7f) << shift;
  return BigInt.asIntN(64, exact);
}

function readList(wire: WireReader, part: PartBudget, level: number): string | undefined {
  const items: (string | undefined)[] = [];
  within(wire, () => {
    for (let tag = wire.tag(ARRAY_VALUE.fields.message); tag !== 0; tag = wire.tag(ARRAY_VALUE.fields.message)) {
      if (tag === 10) items.push(readValue(wire, EMPTY, part, level + 1).json);
      else skipUnknown(wire, tag, ARRAY_VALUE.fields);
    }
  });
  return items.includes(undefined) ? undefined : `[${items.join(",")}]`;
}

function readMap(wire: WireReader, part: PartBudget, level: number): string | undefined {
  const entries = new Map<string, string | undefined>();
  within(wire, () => {
    for (let tag = wire.tag(KEY_VALUE_LIST.fields.message); tag !== 0; tag = wire.tag(KEY_VALUE_LIST.fields.message)) {
      if (tag !== 10) {
        skipUnknown(wire, tag, KEY_VALUE_LIST.fields);
        continue;
      }
      const { key, value } = readPair(wire, part, level + 1);
      entries.set(key, value.json);
    }
  });
  const values = [...entries.values()];
  if (values.includes(undefined)) return undefined;
  const keys = [...entries.keys()].toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return `{${keys.map((key) => `${textValue(key).json}:${entries.get(key)}`).join(",")}}`;
}
