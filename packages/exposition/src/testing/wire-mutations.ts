import { WIRE_FIXED64, WIRE_LENGTH, WIRE_VARINT, WireError, WireReader, WireWriter } from "@narthex/bytes";
import type { Mutator } from "./mutations.ts";

/**
 * One field of a protobuf message. If the field's bytes can be read as a message, `fields` contains the fields of that
 * message.
 */
interface WireField {
  tag: number;
  value: number;
  bytes: Uint8Array;
  fields: WireField[] | undefined;
}

/** Integers that replace others: zig-zags of negative numbers, 32 and 64 bits, and more than a double can represent. */
const WHOLE = [0, 1, 2, 3, 127, 128, 1000, 1e6, 2 ** 31, 2 ** 32, 2 ** 53 - 1, 2 ** 63, 2 ** 64 - 2048] as const;
const DOUBLES = [0, -0, 1, -1, NaN, Infinity, -Infinity, 5e-324, 1.7976931348623157e308, 0.1] as const;
const MAX_DEPTH = 8;

/**
 * Mutates a stream of length-delimited messages field by field, and writes it with correct lengths. Numbers become
 * extreme values; fields are removed, repeated, swapped, moved or get another type.
 */
export function mutateWire(stream: Uint8Array, mutator: Mutator): Uint8Array {
  const messages = readStream(stream);
  if (messages === undefined) return stream;
  for (let left = 1 + mutator.roll(4); left > 0; left--) change(messages, mutator);
  const writer = new WireWriter();
  for (const message of messages) writer.delimited(() => writeFields(writer, message));
  return writer.written.slice();
}

function readStream(stream: Uint8Array): WireField[][] | undefined {
  const reader = new WireReader(stream);
  const messages: WireField[][] = [];
  try {
    while (reader.at < stream.length) {
      const end = reader.range();
      const fields = readFields(stream, reader.start, end, 0);
      if (fields === undefined) return undefined;
      messages.push(fields);
    }
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
  return messages;
}

/** Returns the fields of a message, or undefined if the bytes are not a message but for example a text. */
function readFields(bytes: Uint8Array, start: number, end: number, depth: number): WireField[] | undefined {
  if (depth > MAX_DEPTH) return undefined;
  const reader = new WireReader(bytes, start, end);
  const fields: WireField[] = [];
  try {
    for (let tag = reader.tag(""); tag !== 0; tag = reader.tag("")) {
      const field: WireField = { tag, value: 0, bytes: new Uint8Array(), fields: undefined };
      if ((tag & 7) === WIRE_VARINT) field.value = reader.uint64();
      else if ((tag & 7) === WIRE_FIXED64) field.value = reader.double();
      else if ((tag & 7) === WIRE_LENGTH) {
        const to = reader.range();
        field.bytes = bytes.subarray(reader.start, to);
        field.fields = readFields(bytes, reader.start, to, depth + 1);
      } else return undefined;
      fields.push(field);
    }
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
  return fields;
}

function writeFields(writer: WireWriter, fields: readonly WireField[]): void {
  for (const { tag, value, bytes, fields: inner } of fields) {
    const field = Math.floor(tag / 8);
    if (tag % 8 === WIRE_VARINT) writer.uint64(field, value);
    else if (tag % 8 === WIRE_FIXED64) writer.double(field, value);
    else if (inner === undefined) writer.bytes(field, bytes);
    else writer.message(field, () => writeFields(writer, inner));
  }
}

/** Chooses a nested message at random and changes it. */
function change(messages: WireField[][], mutator: Mutator): void {
  let fields = mutator.pick(messages);
  for (;;) {
    const inner = fields.filter((field) => field.fields !== undefined && field.fields.length > 0);
    if (inner.length === 0 || mutator.roll(4) === 0) break;
    fields = mutator.pick(inner).fields!;
  }
  if (fields.length === 0) return;
  const at = mutator.roll(fields.length);
  const field = fields[at]!;
  switch (mutator.roll(7)) {
    case 0:
      fields.splice(at, 1);
      return;
    case 1:
      fields.splice(at, 0, ...Array.from({ length: 1 + mutator.roll(6) }, () => ({ ...field })));
      return;
    case 2:
      fields.push(...fields.splice(at, 1));
      return;
    case 3:
      field.tag = (1 + mutator.roll(18)) * 8 + (field.tag % 8);
      return;
    case 4:
      mutator.pick(messages).push({ ...field });
      return;
    default:
      changeValue(field, mutator);
  }
}

function changeValue(field: WireField, mutator: Mutator): void {
  if (field.tag % 8 === WIRE_LENGTH) {
    field.bytes = mutator.mutate(field.bytes, field.bytes);
    field.fields = undefined;
  } else if (field.tag % 8 === WIRE_VARINT) field.value = mutator.pick(WHOLE);
  else field.value = mutator.pick(DOUBLES);
}
