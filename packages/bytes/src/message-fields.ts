import { WireError, type WireReader } from "./protobuf-wire.ts";

/** Names of the fields of a protobuf message by field number, as Go's generated readers show them in errors. */
export interface MessageFields {
  readonly message: string;
  readonly names: ReadonlyMap<number, string>;
}

/**
 * Creates the table of field names from a text: names separated by spaces, numbered from `first`. A "-" leaves out a
 * number.
 */
export const messageFields = (message: string, names: string, first = 1): MessageFields => ({
  message,
  names: new Map(names.split(" ").flatMap((name, i) => (name === "-" ? [] : [[first + i, name] as const]))),
});

/** Skips an unknown field of a protobuf message. For a known field, throws WireError because of its wrong wire type. */
export function skipUnknown(wire: WireReader, tag: number, { names }: MessageFields): void {
  const name = names.get(Math.floor(tag / 8));
  if (name !== undefined) throw new WireError(`wrong wireType = ${tag & 7} for field ${name}`);
  wire.skip(tag);
}
