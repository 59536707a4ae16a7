import { WIRE_FIXED32, WIRE_FIXED64, WIRE_LENGTH, WIRE_VARINT } from "@narthex/bytes";

/** A field of a protocol buffer message, read without a schema. */
export interface MessageField {
  readonly field: number;
  readonly wire: number;
  /**
   * Value of the field: a number from a varint or fixed bytes, a text with one character for each byte, or the fields
   * of a nested message.
   */
  value: bigint | string | MessageField[];
  /** Number of times that the field is written into the message; once if undefined. */
  times?: number;
}

/**
 * Maximum accepted field number. Text that is parsed as a message usually has larger field numbers than the messages of
 * the test.
 */
const MAX_FIELDS = 20;

/** Parses a protocol buffer message without a schema. Returns undefined for bytes that are not a message. */
export function readTree(message: string): MessageField[] | undefined {
  const fields: MessageField[] = [];
  let at = 0;
  /** Reads a varint. Returns -1 if it does not end within the message. */
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; at < message.length; shift += 7n) {
      const byte = message.charCodeAt(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return -1n;
  };
  while (at < message.length) {
    const tag = Number(varint());
    const [field, wire] = [tag >> 3, tag & 7];
    if (field < 1 || field > MAX_FIELDS) return undefined;
    if (wire === WIRE_VARINT) {
      const value = varint();
      if (value < 0n) return undefined;
      fields.push({ field, wire, value });
    } else {
      const length = FIXED[wire] ?? (wire === WIRE_LENGTH ? Number(varint()) : -1);
      if (length < 0 || at + length > message.length) return undefined;
      const text = message.slice(at, at + length);
      at += length;
      const value = wire === WIRE_LENGTH ? (text !== "" && readTree(text)) || text : fixedOf(text);
      fields.push({ field, wire, value });
    }
  }
  return fields;
}

/** Encodes a protocol buffer message as a text with one character for each byte. */
export const writeTree = (fields: readonly MessageField[]): string => fields.map(writeField).join("");

export function writeField({ field, wire, value, times = 1 }: MessageField): string {
  const tag = varintText(BigInt(field * 8 + wire));
  if (wire === WIRE_VARINT) return (tag + varintText(value as bigint)).repeat(times);
  if (wire !== WIRE_LENGTH) return (tag + fixedText(value as bigint, FIXED[wire]!)).repeat(times);
  const text = typeof value === "string" ? value : writeTree(value as MessageField[]);
  return (tag + varintText(BigInt(text.length)) + text).repeat(times);
}

/** Writes a number as a varint of 64 bits. */
export function varintText(value: bigint): string {
  let text = "";
  let rest = BigInt.asUintN(64, value);
  for (; rest >= 0x80n; rest >>= 7n) text += String.fromCharCode(Number(rest & 0x7fn) | 0x80);
  return text + String.fromCharCode(Number(rest));
}

const FIXED: Readonly<Record<number, number>> = { [WIRE_FIXED64]: 8, [WIRE_FIXED32]: 4 };

const fixedOf = (text: string): bigint =>
  Array.from(text).reduceRight((sum, character) => sum * 256n + BigInt(character.charCodeAt(0)), 0n);

function fixedText(value: bigint, size: number): string {
  let text = "";
  for (let i = 0; i < size; i++) text += String.fromCharCode(Number((value >> BigInt(8 * i)) & 0xffn));
  return text;
}
