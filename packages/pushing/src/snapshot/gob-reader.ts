import { Cursor, DecodeError, unzigzag, utf8Text } from "@narthex/bytes";
import { BUILT_IN, DEFINITION, type GobField, type GobType } from "./gob-types.ts";

/**
 * A value in Go's binary format gob. A struct has only the fields that were written, by name. The reader returns texts
 * as strings; the writer also accepts the UTF-8 bytes of a text. Values of bytes are a Uint8Array.
 */
export type GobValue = number | string | Uint8Array | GobStruct | ReadonlyMap<GobValue, GobValue> | readonly GobValue[];
export interface GobStruct {
  readonly [field: string]: GobValue;
}

/** Maximum nesting depth of values. */
const MAX_DEPTH = 32;

/**
 * Returns the first value of a stream in Go's binary format gob. The stream itself defines its types. Floating-point
 * numbers are not supported. Throws DecodeError.
 */
export function readGob(bytes: Uint8Array): GobValue {
  const types = new Map(BUILT_IN);
  const stream = new Cursor(bytes);
  for (;;) {
    const length = readUint(stream);
    if (length > stream.rest) throw new DecodeError(`${length} bytes wanted where ${stream.rest} are left`, stream.at);
    const message = new Cursor(bytes, stream.at, stream.at + length);
    stream.at += length;
    const id = readInt(message);
    if (id >= 0) {
      // A value that is not a struct is encoded like the only field of a struct.
      if (types.get(id)?.kind !== "struct") readUint(message);
      return new GobReader(types, message).value(id, 0);
    }
    if (BUILT_IN.has(-id)) throw new DecodeError(`a definition of type ${-id}, which has one`, message.at);
    types.set(-id, definedType(new GobReader(types, message).value(DEFINITION, 0) as GobStruct, message.at));
  }
}

/**
 * Reads an unsigned integer in gob: either a single byte, or the negated number of bytes followed by the bytes in
 * big-endian order.
 */
function readUint(cursor: Cursor): number {
  const first = cursor.u8();
  if (first < 0x80) return first;
  const count = 0x100 - first;
  if (count > 8) throw new DecodeError(`a number of ${count} bytes`, cursor.at);
  let value = 0;
  for (const byte of cursor.take(count)) value = value * 0x100 + byte;
  if (!Number.isSafeInteger(value)) throw new DecodeError("a number beyond 2^53", cursor.at);
  return value;
}

const readInt = (cursor: Cursor): number => unzigzag(readUint(cursor));

function definedType({ array, list, struct, map }: GobStruct, at: number): GobType {
  const elements = (map ?? array ?? list) as { readonly key?: number; readonly element?: number } | undefined;
  if (struct !== undefined) {
    const { fields = [] } = struct as { readonly fields?: readonly GobField[] };
    return { kind: "struct", fields };
  }
  if (elements === undefined) return { kind: "opaque" };
  const { key = 0, element = 0 } = elements;
  if (map !== undefined) return { kind: "map", key, element };
  if (list !== undefined) return { kind: "list", element };
  throw new DecodeError("an array, which is not read", at);
}

class GobReader {
  readonly #types: ReadonlyMap<number, GobType>;
  readonly #cursor: Cursor;

  constructor(types: ReadonlyMap<number, GobType>, cursor: Cursor) {
    this.#types = types;
    this.#cursor = cursor;
  }

  value(id: number, depth: number): GobValue {
    const type = this.#types.get(id);
    if (type === undefined) throw new DecodeError(`a value of type ${id}, which is not read`, this.#cursor.at);
    if (depth > MAX_DEPTH) throw new DecodeError("values within values without end", this.#cursor.at);
    switch (type.kind) {
      case "int":
        return readInt(this.#cursor);
      case "uint":
        return readUint(this.#cursor);
      case "text":
        return utf8Text(this.#bytes());
      case "bytes":
      case "opaque":
        return this.#bytes();
      case "struct":
        return this.#struct(type.fields, depth);
      case "map":
        return new Map(this.#times(() => [this.value(type.key, depth + 1), this.value(type.element, depth + 1)]));
      case "list":
        return this.#times(() => this.value(type.element, depth + 1));
    }
  }

  #bytes(): Uint8Array {
    return this.#cursor.take(readUint(this.#cursor));
  }

  /**
   * Reads a struct. Each field begins with the difference between its number and the previous field's. A difference of
   * 0 ends the struct.
   */
  #struct(fields: readonly GobField[], depth: number): GobStruct {
    const found: Record<string, GobValue> = {};
    for (let at = -1; ;) {
      const step = readUint(this.#cursor);
      if (step === 0) return found;
      const field = fields[(at += step)];
      if (field === undefined)
        throw new DecodeError(`field ${at} of a struct that has ${fields.length}`, this.#cursor.at);
      found[field.name] = this.value(field.type, depth + 1);
    }
  }

  #times<T>(read: () => T): T[] {
    const count = readUint(this.#cursor);
    // Each element has at least one byte. A count that is too large is refused before memory is allocated.
    if (count > this.#cursor.rest)
      throw new DecodeError(`${count} elements in ${this.#cursor.rest} bytes`, this.#cursor.at);
    const values: T[] = [];
    for (let i = 0; i < count; i++) values.push(read());
    return values;
  }
}
