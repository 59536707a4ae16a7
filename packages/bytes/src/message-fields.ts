import { WireError, type WireReader } from "./protobuf-wire.ts";

/** Names of a protobuf message's fields by field number, which error messages contain as in Go. */
export interface MessageFields {
  readonly message: string;
  readonly names: ReadonlyMap<number, string>;
}

/**
 * Creates the table of field names from a text with names separated by spaces. The first name has the number `first`.
 * The name "-" skips a number.
 */
export const messageFields = (message: string, names: string, first = 1): MessageFields => ({
  message,
  names: new Map(names.split(" ").flatMap((name, i) => (name === "-" ? [] : [[first + i, name] as const]))),
});

/** Skips an unknown field of a protobuf message. Throws WireError for a known field, because its wire type is wrong. */
export function skipUnknown(wire: WireReader, tag: number, { names }: MessageFields): void {
  const name = names.get(Math.floor(tag / 8));
  if (name !== undefined) throw new WireError(`wrong wireType = ${tag & 7} for field ${name}`);
  wire.skip(tag);
}
