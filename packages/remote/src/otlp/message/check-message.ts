import { skipUnknown, WIRE_FIXED64, WIRE_LENGTH, WIRE_VARINT, WireError, type WireReader } from "@narthex/bytes";
import type { Steps } from "@narthex/runtime";
import { MAX_PART_BYTES, partTooLarge } from "../../message-limits.ts";
import { type FieldType, KEY_VALUE, type OtlpMessage } from "./otlp-messages.ts";

const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;

/**
 * Largest nesting depth of protobuf messages and of JSON. Each level needs several stack frames, and the stack must not
 * overflow. Real metrics have less than a tenth of this depth.
 */
export const MAX_DEPTH = 200;

/**
 * Checks that a protobuf message is valid, up to the end of the reader. Throws WireError for the first fault, as Go's
 * generated readers do, or MessageError for an attribute that is too large.
 * @param level nesting depth of this message
 */
export function checkMessage(wire: WireReader, { fields, types }: OtlpMessage, level = 0): void {
  if (level > MAX_DEPTH) throw new WireError("exceeded max depth");
  for (let tag = wire.tag(fields.message); tag !== 0; tag = wire.tag(fields.message)) {
    const type = types.get(Math.floor(tag / 8));
    if (type === undefined || !takesWireType(type, tag & 7)) skipUnknown(wire, tag, fields);
    else checkField(wire, tag, type, level);
  }
}

/**
 * Checks a protobuf message in steps between which other work can run. Messages that are nested deeper than `depth` are
 * checked in one step.
 */
export function* checkSteps(wire: WireReader, message: OtlpMessage, depth: number): Steps<void> {
  const { fields, types } = message;
  for (let tag = wire.tag(fields.message); tag !== 0; tag = wire.tag(fields.message)) {
    const type = types.get(Math.floor(tag / 8));
    if (type === undefined || !takesWireType(type, tag & 7)) skipUnknown(wire, tag, fields);
    else if (typeof type === "object" && depth > 0) {
      const outer = wire.end;
      const end = wire.range();
      wire.seek(wire.start, end);
      yield* checkSteps(wire, type, depth - 1);
      wire.seek(end, outer);
    } else checkField(wire, tag, type, 0);
    yield;
  }
}

/** Checks the value of a protobuf field. The caller has read the field's tag. */
function checkField(wire: WireReader, tag: number, type: FieldType, level: number): void {
  if ((tag & 7) !== WIRE_LENGTH) return wire.skip(tag);
  const outer = wire.end;
  const end = wire.range();
  const size = end - wire.start;
  if (type === "bytes") return;
  if (type === "trace id" || type === "span id") return checkId(size, type);
  // Reads packed numbers to the end of the last number, because the given length may end within a number. The next
  // field begins after that number.
  if (type === "packed varint" || type === "packed fixed64") {
    wire.seek(wire.start, outer);
    while (wire.at < end) wire.skip(type === "packed varint" ? WIRE_VARINT : WIRE_FIXED64);
    return;
  }
  if (type === KEY_VALUE && size > MAX_PART_BYTES) throw partTooLarge();
  wire.seek(wire.start, end);
  checkMessage(wire, type as OtlpMessage, level + 1);
  wire.seek(end, outer);
}

function checkId(size: number, type: "trace id" | "span id"): void {
  const [wanted, name] = type === "trace id" ? [TRACE_ID_BYTES, "TraceID"] : [SPAN_ID_BYTES, "SpanID"];
  if (size !== 0 && size !== wanted) throw new InvalidIdError(`unmarshal: invalid ${name} length`);
}

/** Error for a trace or span id of the wrong length. Go reports this error without the usual prefix. */
class InvalidIdError extends WireError {
  override get goMessage(): string {
    return this.message;
  }
}

function takesWireType(type: FieldType, wireType: number): boolean {
  if (type === "varint") return wireType === WIRE_VARINT;
  if (type === "fixed64") return wireType === WIRE_FIXED64;
  if (type === "packed varint") return wireType === WIRE_VARINT || wireType === WIRE_LENGTH;
  if (type === "packed fixed64") return wireType === WIRE_FIXED64 || wireType === WIRE_LENGTH;
  return wireType === WIRE_LENGTH;
}
