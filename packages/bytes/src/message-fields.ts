import { WireError, type WireReader } from "./protobuf-wire.ts";

/** Fields of a protobuf message by number, with their names in the errors of Go's generated readers. */
export interface MessageFields {
  readonly message: string;
  readonly names: ReadonlyMap<number, string>;
}

/**
 * Creates fields from names separated by spaces, numbered from `first` in this order; "-" is a number without a field.
 */
export const messageFields = (message: string, names: string, first = 1): MessageFields => ({
  message,
  names: new Map(names.split(" ").flatMap((name, i) => (name === "-" ? [] : [[first + i, name] as const]))),
});

/** Skips an unknown field; a known one has a wrong wire type here. Throws WireError. */
export function skipUnknown(wire: WireReader, tag: number, { names }: MessageFields): void {
  const name = names.get(Math.floor(tag / 8));
  if (name !== undefined) throw new WireError(`wrong wireType = ${tag & 7} for field ${name}`);
  wire.skip(tag);
}
