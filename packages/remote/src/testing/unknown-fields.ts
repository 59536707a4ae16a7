import { WIRE_LENGTH, WireReader, WireWriter } from "@narthex/bytes";

/** Fields of a protobuf message that contain nested messages, by field number. */
export interface NestedMessages {
  readonly [field: number]: NestedMessages;
}

/** Adds an unknown field to a protobuf message and to all messages within it. */
export function withUnknownFields(bytes: Uint8Array, nested: NestedMessages): Uint8Array {
  const out = new WireWriter();
  const wire = new WireReader(bytes);
  for (let tag = wire.tag("any"); tag !== 0; tag = wire.tag("any")) {
    const field = tag >>> 3;
    const inner = nested[field];
    if ((tag & 7) === WIRE_LENGTH) {
      const end = wire.range();
      const content = bytes.subarray(wire.start, end);
      out.bytes(field, inner === undefined ? content : withUnknownFields(content, inner));
      continue;
    }
    const from = wire.at;
    wire.skip(tag);
    out.tag(field, tag & 7);
    out.raw(bytes.subarray(from, wire.at));
  }
  out.uint64(99, 5);
  return out.written.slice();
}
