import { WireError, type WireReader } from "./protobuf-wire.ts";

/** Fields of a protobuf message by number: the names that Go's generated readers give them in errors. */
export interface MessageFields {
  readonly message: string;
  readonly names: ReadonlyMap<number, string>;
}

/** Fields whose names are separated by spaces, numbered from `first` in this order; "-" is a number without a field. */
export const messageFields = (message: string, names: string, first = 1): MessageFields => ({
  message,
  names: new Map(names.split(" ").flatMap((name, i) => (name === "-" ? [] : [[first + i, name] as const]))),
});

/** Passes over a field that the message does not have; one that it has is of the wrong wire type here. Throws WireError. */
export function skipUnknown(wire: WireReader, tag: number, { names }: MessageFields): void {
  const name = names.get(Math.floor(tag / 8));
  if (name !== undefined) throw new WireError(`wrong wireType = ${tag & 7} for field ${name}`);
  wire.skip(tag);
}
