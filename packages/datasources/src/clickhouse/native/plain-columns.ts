import { QueryFailure } from "../../query-failure.ts";
import type { ByteReader } from "./byte-reader.ts";
import type { ColumnType } from "./column-type.ts";

/** Number of values after which the work may pause. */
export const PART_VALUES = 4096;
/** Largest length of a fixed string. */
const MAX_FIXED = 1024 * 1024;
const DAY_MS = 86_400_000;

/** The kind of a column's values. `integer` holds whole numbers, large ones as texts. Times are epoch ms. */
export type ValueKind = "number" | "integer" | "time" | "boolean" | "string" | "json";

export type Value = number | string | boolean | null | object;

/** Counts what an answer makes of few bytes. Throws QueryFailure if the request has too much of it. */
export interface ValueLimits {
  /** Counts values within lists, which cost memory although they are in one cell. */
  takeCells(count: number): void;
  /** Counts characters of texts that are in the answer once, and in many cells. */
  takeText(characters: number): void;
}

/** Reads the values of a type. */
export interface ValueReader {
  readonly kind: ValueKind;
  /** Reads what precedes the values of a block. */
  prefix?(bytes: ByteReader): Promise<void>;
  values(bytes: ByteReader, rows: number): Promise<Value[]>;
}

/** Returns a reader of values that take the same number of bytes each. */
const fixed = (kind: ValueKind, width: number, valueAt: (bytes: Buffer, at: number) => Value): ValueReader => ({
  kind,
  async values(bytes, rows) {
    const values: Value[] = [];
    for (let done = 0; done < rows; done += PART_VALUES) {
      const count = Math.min(PART_VALUES, rows - done);
      // oxlint-disable-next-line no-await-in-loop -- the values follow each other
      const part = await bytes.take(count * width);
      for (let i = 0; i < count; i++) values.push(valueAt(part, i * width));
      // oxlint-disable-next-line no-await-in-loop -- a long column is read in parts
      await bytes.pause();
    }
    return values;
  },
});

const strings: ValueReader = {
  kind: "string",
  async values(bytes, rows) {
    const values: Value[] = [];
    for (let row = 0; row < rows; row++) {
      // oxlint-disable-next-line no-await-in-loop -- the values follow each other
      values.push(bytes.textAtHand() ?? (await bytes.text()));
      // oxlint-disable-next-line no-await-in-loop -- a long column is read in parts
      if (row % PART_VALUES === PART_VALUES - 1) await bytes.pause();
    }
    return values;
  },
};

/** Returns a whole number as a number, or as a text if a number of JavaScript would change it. */
const exact = (value: bigint): number | string => {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
};

/** Reads a number of several 64-bit words, of which the last one has the sign. */
function wide(bytes: Buffer, at: number, words: number, isSigned: boolean): bigint {
  let value = 0n;
  for (let word = words - 1; word >= 0; word--) value = (value << 64n) | bytes.readBigUInt64LE(at + 8 * word);
  return isSigned ? BigInt.asIntN(64 * words, value) : value;
}

const wideNumber = (words: number, isSigned: boolean): ValueReader =>
  fixed("number", 8 * words, (bytes, at) => Number(wide(bytes, at, words, isSigned)));

function dateTime64(precision: number): ValueReader {
  const scale = 10 ** Math.abs(precision - 3);
  // Ticks may be larger than 2^53, so a fine time is divided before it becomes a number.
  const divisor = BigInt(precision > 3 ? scale : 1);
  return fixed("time", 8, (bytes, at) => {
    const ticks = bytes.readBigInt64LE(at);
    if (precision <= 3) return Number(ticks) * scale;
    const whole = ticks / divisor;
    return Number(ticks < 0n && whole * divisor !== ticks ? whole - 1n : whole);
  });
}

function decimal(precision: number, scale: number): ValueReader {
  const words = precision <= 18 ? 1 : precision <= 38 ? 2 : 4;
  const numberOf = (digits: string): number => Number(`${digits}e-${scale}`);
  if (precision <= 9) return fixed("number", 4, (bytes, at) => numberOf(String(bytes.readInt32LE(at))));
  return fixed("number", 8 * words, (bytes, at) => numberOf(String(wide(bytes, at, words, true))));
}

/** Returns the reader of an enum, whose names are in its type. */
function enumeration({ name, args }: ColumnType, limits: ValueLimits): ValueReader {
  const names = new Map(args.map(({ number = 0, label = "" }) => [number, label]));
  const nameOf = (number: number): string => {
    const text = names.get(number) ?? String(number);
    limits.takeText(text.length);
    return text;
  };
  return name === "Enum8"
    ? fixed("string", 1, (bytes, at) => nameOf(bytes.readInt8(at)))
    : fixed("string", 2, (bytes, at) => nameOf(bytes.readInt16LE(at)));
}

function uuid(bytes: Buffer, at: number): string {
  // Each half is a number of 64 bits in little endian.
  const half = (from: number): string => bytes.readBigUInt64LE(from).toString(16).padStart(16, "0");
  const digits = half(at) + half(at + 8);
  return [0, 8, 12, 16, 20].map((from, i, starts) => digits.slice(from, starts[i + 1])).join("-");
}

function ipv6(bytes: Buffer, at: number): string {
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(at + 2 * i).toString(16));
  // URL shortens an address as usual.
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}

const ipv4 = (bytes: Buffer, at: number): string => [3, 2, 1, 0].map((i) => bytes[at + i]).join(".");

/** Returns a float of 16 bits, which are the first ones of a float of 32 bits. */
function bfloat16(bytes: Buffer, at: number): number {
  const word = Buffer.alloc(4);
  word.writeUInt16LE(bytes.readUInt16LE(at), 2);
  return word.readFloatLE();
}

function fixedString(length: number): ValueReader {
  if (!(length >= 1 && length <= MAX_FIXED))
    throw new QueryFailure(502, `a FixedString has between 1 and ${MAX_FIXED} bytes, not ${length}`);
  return fixed("string", length, (bytes, at) => {
    let end = at + length;
    while (end > at && bytes[end - 1] === 0) end--;
    return bytes.toString("utf8", at, end);
  });
}

const PLAIN: ReadonlyMap<string, ValueReader> = new Map([
  ["UInt8", fixed("number", 1, (bytes, at) => bytes[at]!)],
  ["UInt16", fixed("number", 2, (bytes, at) => bytes.readUInt16LE(at))],
  ["UInt32", fixed("number", 4, (bytes, at) => bytes.readUInt32LE(at))],
  ["UInt64", fixed("integer", 8, (bytes, at) => exact(bytes.readBigUInt64LE(at)))],
  ["UInt128", wideNumber(2, false)],
  ["UInt256", wideNumber(4, false)],
  ["Int8", fixed("number", 1, (bytes, at) => bytes.readInt8(at))],
  ["Int16", fixed("number", 2, (bytes, at) => bytes.readInt16LE(at))],
  ["Int32", fixed("number", 4, (bytes, at) => bytes.readInt32LE(at))],
  ["Int64", fixed("integer", 8, (bytes, at) => exact(bytes.readBigInt64LE(at)))],
  ["Int128", wideNumber(2, true)],
  ["Int256", wideNumber(4, true)],
  ["BFloat16", fixed("number", 2, bfloat16)],
  ["Float32", fixed("number", 4, (bytes, at) => bytes.readFloatLE(at))],
  ["Float64", fixed("number", 8, (bytes, at) => bytes.readDoubleLE(at))],
  ["Bool", fixed("boolean", 1, (bytes, at) => bytes[at] !== 0)],
  ["Date", fixed("time", 2, (bytes, at) => bytes.readUInt16LE(at) * DAY_MS)],
  ["Date32", fixed("time", 4, (bytes, at) => bytes.readInt32LE(at) * DAY_MS)],
  ["DateTime", fixed("time", 4, (bytes, at) => bytes.readUInt32LE(at) * 1000)],
  ["String", strings],
  ["UUID", fixed("string", 16, uuid)],
  ["IPv4", fixed("string", 4, ipv4)],
  ["IPv6", fixed("string", 16, ipv6)],
  ["Nothing", fixed("string", 1, () => null)],
]);

/** Returns the reader of a type without nested types, or undefined for other types. */
export function plainColumn(type: ColumnType, limits: ValueLimits): ValueReader | undefined {
  const { name, args } = type;
  const [first, second] = args;
  switch (name) {
    case "DateTime64":
      return dateTime64(within(first?.number, 9));
    case "Decimal":
      return decimal(within(first?.number, 76), within(second?.number, 76));
    case "Enum8":
    case "Enum16":
      return enumeration(type, limits);
    case "FixedString":
      return fixedString(first?.number ?? 0);
    default:
      return name.startsWith("Interval") ? PLAIN.get("Int64") : PLAIN.get(name);
  }
}

function within(number: number | undefined, most: number): number {
  if (number !== undefined && number >= 0 && number <= most) return number;
  throw new QueryFailure(502, `the type of a column has the precision ${number}, which is not between 0 and ${most}`);
}
