import { QueryFailure } from "../../query-failure.ts";
import { rfc3339 } from "../../sql/macros.ts";
import type { ByteReader } from "./byte-reader.ts";
import type { ColumnType } from "./column-type.ts";
import { PART_VALUES, plainColumn, type Value, type ValueLimits, type ValueReader } from "./plain-columns.ts";

/** Types that are other types. */
const ALIASES: Readonly<Record<string, ColumnType>> = (() => {
  const float: ColumnType = { name: "Float64", args: [] };
  const list = (type: ColumnType): ColumnType => ({ name: "Array", args: [{ type }] });
  const point: ColumnType = { name: "Tuple", args: [{ type: float }, { type: float }] };
  const ring = list(point);
  const polygon = list(ring);
  const more = { MultiLineString: polygon, Polygon: polygon, MultiPolygon: list(polygon) };
  return { Point: point, Ring: ring, LineString: ring, ...more };
})();

/** Bits in the header of a LowCardinality column. */
const HAS_OWN_KEYS = 1 << 9;
const NEEDS_GLOBAL_KEYS = 1 << 8;
const INDEX_NAMES: readonly string[] = ["UInt8", "UInt16", "UInt32", "UInt64"];

/** Returns the reader for the values of a type. Throws QueryFailure if the type cannot be read. */
export function columnReader(type: ColumnType, limits: ValueLimits): ValueReader {
  const plain = plainColumn(type, limits);
  if (plain !== undefined) return plain;
  const alias = Object.hasOwn(ALIASES, type.name) ? ALIASES[type.name] : undefined;
  if (alias !== undefined) return columnReader(alias, limits);
  const inner = (at: number): ValueReader => {
    const nested = type.args[at]?.type;
    if (nested === undefined) throw unreadable(type);
    return columnReader(nested, limits);
  };
  switch (type.name) {
    case "Nullable":
      return nullable(inner(0));
    case "LowCardinality":
      return lowCardinality(type, limits);
    case "SimpleAggregateFunction":
      return inner(1);
    case "Array":
      return list(inner(0), limits);
    case "Map":
      return map(inner(0), inner(1), limits);
    case "Tuple":
      return tuple(type, limits);
    case "Nested":
      return list(tuple(type, limits), limits);
    default:
      throw unreadable(type);
  }
}

const unreadable = ({ name }: ColumnType): QueryFailure =>
  new QueryFailure(
    400,
    `a column has the type ${name}, which cannot be shown: convert it, for example with toString()`,
  );

const nullable = (inner: ValueReader): ValueReader => ({
  kind: inner.kind,
  prefix: async (bytes) => inner.prefix?.(bytes),
  async values(bytes, rows) {
    const nulls = Buffer.from(await bytes.take(rows));
    const values = await inner.values(bytes, rows);
    return mapped(bytes, rows, (row) => (nulls[row] === 0 ? values[row]! : null));
  },
});

/** Reads values that are indexes into a list of the block's different values. */
function lowCardinality({ args }: ColumnType, limits: ValueLimits): ValueReader {
  const given = args[0]?.type;
  const isNullable = given?.name === "Nullable";
  const keyType = isNullable ? given.args[0]?.type : given;
  const keys = keyType && plainColumn(keyType, limits);
  if (keys === undefined) throw unreadable({ name: "LowCardinality", args });
  return {
    kind: keys.kind,
    async prefix(bytes) {
      const version = await bytes.uint64();
      if (version !== 1) throw new QueryFailure(502, `a LowCardinality column has the unknown version ${version}`);
    },
    async values(bytes, rows) {
      if (rows === 0) return [];
      const header = await bytes.uint64();
      const indexes = plainColumn({ name: INDEX_NAMES[header & 0xff] ?? "", args: [] }, limits);
      if (indexes === undefined || (header & NEEDS_GLOBAL_KEYS) !== 0 || (header & HAS_OWN_KEYS) === 0)
        throw new QueryFailure(502, "a LowCardinality column refers to values that the answer does not contain");
      const count = await bytes.uint64();
      limits.takeCells(count);
      const different = await keys.values(bytes, count);
      if (isNullable && count > 0) different[0] = null;
      if ((await bytes.uint64()) !== rows) throw new QueryFailure(502, "a LowCardinality column has too few values");
      const numbers = await indexes.values(bytes, rows);
      return mapped(bytes, rows, (row) => {
        const value = different[numbers[row] as number] ?? null;
        // A long text takes memory once, but its length as often as it is written into the answer to the client.
        if (typeof value === "string") limits.takeText(value.length);
        return value;
      });
    },
  };
}

/**
 * Computes a value for each row. Lets other work run in between.
 * @param parts number of values from which each value is computed
 */
async function mapped<T>(bytes: ByteReader, rows: number, valueAt: (row: number) => T, parts = 1): Promise<T[]> {
  const values: T[] = [];
  const step = Math.ceil(PART_VALUES / parts);
  for (let row = 0; row < rows; row++) {
    values.push(valueAt(row));
    // oxlint-disable-next-line no-await-in-loop -- a long column is read in parts
    if (row % step === step - 1) await bytes.pause();
  }
  return values;
}

/** Reads the ends of lists. The list of a row begins at the end of the previous row's list. */
async function listEnds(bytes: ByteReader, rows: number): Promise<readonly number[]> {
  const written = Buffer.from(await bytes.take(8 * rows));
  let before = 0;
  return mapped(bytes, rows, (row) => {
    const end = Number(written.readBigUInt64LE(8 * row));
    if (end < before || !Number.isSafeInteger(end))
      throw new QueryFailure(502, "the ends of the lists in the data source's answer do not ascend");
    before = end;
    return end;
  });
}

const list = (inner: ValueReader, limits: ValueLimits): ValueReader => ({
  kind: "json",
  prefix: async (bytes) => inner.prefix?.(bytes),
  async values(bytes, rows) {
    const ends = await listEnds(bytes, rows);
    const count = ends.at(-1) ?? 0;
    limits.takeCells(count);
    const values = await jsonValues(inner, bytes, count);
    return mapped(bytes, rows, (row) => values.slice(ends[row - 1] ?? 0, ends[row]));
  },
});

const map = (keys: ValueReader, inner: ValueReader, limits: ValueLimits): ValueReader => ({
  kind: "json",
  async prefix(bytes) {
    await keys.prefix?.(bytes);
    await inner.prefix?.(bytes);
  },
  async values(bytes, rows) {
    const ends = await listEnds(bytes, rows);
    const count = ends.at(-1) ?? 0;
    limits.takeCells(2 * count);
    const names = await jsonValues(keys, bytes, count);
    const values = await jsonValues(inner, bytes, count);
    const maps: Record<string, Value>[] = [];
    let entry = 0;
    for (const end of ends) {
      const map: Record<string, Value> = {};
      for (; entry < end; entry++) {
        setEntry(map, names[entry]!, values[entry]!);
        // oxlint-disable-next-line no-await-in-loop -- a large map is built in parts
        if (entry % PART_VALUES === PART_VALUES - 1) await bytes.pause();
      }
      maps.push(map);
    }
    return maps;
  },
});

/** Sets an entry of a map, whatever its name is: `__proto__` becomes a property like others. */
function setEntry(map: Record<string, Value>, key: Value, value: Value): void {
  const name = typeof key === "string" ? key : JSON.stringify(key);
  if (name !== "__proto__") map[name] = value;
  else Object.defineProperty(map, name, { value, enumerable: true, writable: true, configurable: true });
}

function tuple({ name, args }: ColumnType, limits: ValueLimits): ValueReader {
  const parts = args.map(({ label, type }) => ({ label, reader: type && columnReader(type, limits) }));
  // A tuple without elements takes no bytes, so that the number of its rows would have no bound.
  if (parts.length === 0) throw unreadable({ name, args });
  const isNamed = parts.every(({ label }) => label !== undefined);
  return {
    kind: "json",
    async prefix(bytes) {
      // oxlint-disable-next-line no-await-in-loop -- the columns follow each other
      for (const { reader } of parts) await reader?.prefix?.(bytes);
    },
    async values(bytes, rows) {
      limits.takeCells(rows * parts.length);
      const columns: Value[][] = [];
      for (const { reader } of parts) {
        if (reader === undefined) throw unreadable({ name, args });
        // oxlint-disable-next-line no-await-in-loop -- the columns follow each other
        columns.push(await jsonValues(reader, bytes, rows));
      }
      const rowAt = (row: number): Value =>
        isNamed
          ? (Object.fromEntries(parts.map(({ label }, i) => [label, columns[i]![row]])) as object)
          : columns.map((column) => column[row]!);
      return mapped(bytes, rows, rowAt, parts.length);
    },
  };
}

/** Reads values that become part of JSON, in which times are texts. */
async function jsonValues(reader: ValueReader, bytes: ByteReader, rows: number): Promise<Value[]> {
  const values = await reader.values(bytes, rows);
  if (reader.kind !== "time") return values;
  return mapped(bytes, rows, (row) => {
    const value = values[row]!;
    return typeof value === "number" && Math.abs(value) <= 8.64e15 ? rfc3339(value) : null;
  });
}
