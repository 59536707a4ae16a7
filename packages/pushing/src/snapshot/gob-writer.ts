import { ByteWriter } from "@narthex/bytes";
import { BUILT_IN, DEFINITION, type GobType } from "./gob-types.ts";
import type { GobStruct, GobValue } from "./gob-reader.ts";

/**
 * Encodes one value in Go's binary format gob.
 * @param types types that the value needs in addition to the built-in ones, by number from 64 on
 * @param names names of these types, which Go's error messages contain
 */
export function writeGob(
  value: GobValue,
  id: number,
  types: ReadonlyMap<number, GobType>,
  names: ReadonlyMap<number, string>,
): Uint8Array {
  const all = new Map([...BUILT_IN, ...types]);
  const stream = new ByteWriter();
  const message = new ByteWriter();
  const send = (number: number, type: number, content: GobValue): void => {
    message.reset();
    writeInt(message, number);
    if (all.get(type)?.kind !== "struct") writeUint(message, 0);
    new GobWriter(all, message).value(type, content);
    writeUint(stream, message.length);
    stream.put(message.written);
  };
  for (const [number, type] of types) send(-number, DEFINITION, definition(type, number, names.get(number) ?? ""));
  send(id, id, value);
  return stream.written;
}

function definition(type: GobType, id: number, name: string): GobStruct {
  const common: GobStruct = name === "" ? { id } : { name, id };
  switch (type.kind) {
    case "struct":
      return { struct: { common, fields: type.fields.map((field) => ({ ...field })) } };
    case "map":
      return { map: { common, key: type.key, element: type.element } };
    case "list":
      return { list: { common, element: type.element } };
    default:
      return { gob: { common } };
  }
}

function writeUint(writer: ByteWriter, value: number): void {
  if (value < 0x80) return writer.u8(value);
  const bytes: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 0x100)) bytes.unshift(rest % 0x100);
  writer.u8(0x100 - bytes.length);
  writer.put(Uint8Array.from(bytes));
}

const writeInt = (writer: ByteWriter, value: number): void =>
  writeUint(writer, value >= 0 ? value * 2 : value * -2 - 1);

class GobWriter {
  readonly #types: ReadonlyMap<number, GobType>;
  readonly #writer: ByteWriter;

  constructor(types: ReadonlyMap<number, GobType>, writer: ByteWriter) {
    this.#types = types;
    this.#writer = writer;
  }

  /** Writes a value. The value must match the type with the number `id`. */
  value(id: number, value: GobValue): void {
    const type = this.#types.get(id)!;
    switch (type.kind) {
      case "int":
        return writeInt(this.#writer, value as number);
      case "uint":
        return writeUint(this.#writer, value as number);
      case "text":
        return this.#bytes(typeof value === "string" ? Buffer.from(value) : (value as Uint8Array));
      case "bytes":
      case "opaque":
        return this.#bytes(value as Uint8Array);
      case "struct": {
        let last = -1;
        for (const [i, { name, type: fieldType }] of type.fields.entries()) {
          const field = (value as GobStruct)[name];
          if (field === undefined) continue;
          writeUint(this.#writer, i - last);
          this.value(fieldType, field);
          last = i;
        }
        return writeUint(this.#writer, 0);
      }
      case "map": {
        const entries = value as ReadonlyMap<GobValue, GobValue>;
        writeUint(this.#writer, entries.size);
        for (const [key, element] of entries) {
          this.value(type.key, key);
          this.value(type.element, element);
        }
        return;
      }
      case "list": {
        const elements = value as readonly GobValue[];
        writeUint(this.#writer, elements.length);
        for (const element of elements) this.value(type.element, element);
      }
    }
  }

  #bytes(bytes: Uint8Array): void {
    writeUint(this.#writer, bytes.length);
    this.#writer.put(bytes);
  }
}
