import { QueryFailure } from "../../query-failure.ts";
import { rfc3339 } from "../../sql/macros.ts";
import type { ByteReader } from "./byte-reader.ts";
import type { ColumnType } from "./column-type.ts";
import { plainColumn, type Value, type ValueReader } from "./plain-columns.ts";

/** Counts values within lists, which cost memory although they are in one cell. Throws QueryFailure. */
type TakeCells = (count: number) => void;

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
export function columnReader(type: ColumnType, takeCells: TakeCells): ValueReader {
  const plain = plainColumn(type);
  if (plain !== undefined) return plain;
  const alias = Object.hasOwn(ALIASES, type.name) ? ALIASES[type.name] : undefined;
  if (alias !== undefined) return columnReader(alias, takeCells);
  const inner = (at: number): ValueReader => {
    const nested = type.args[at]?.type;
    if (nested === undefined) throw unreadable(type);
    return columnReader(nested, takeCells);
  };
  switch (type.name) {
    case "Nullable":
      return nullable(inner(0));
    case "LowCardinality":
      return lowCardinality(type, takeCells);
    case "SimpleAggregateFunction":
      return inner(1);
    case "Array":
      return list(inner(0), takeCells);
    case "Map":
      return map(inner(0), inner(1), takeCells);
    case "Tuple":
      return tuple(type, takeCells);
    case "Nested":
      return list(tuple(type, takeCells), takeCells);
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
    for (let row = 0; row < rows; row++) if (nulls[row] !== 0) values[row] = null;
    return values;
  },
});

/** Reads values that are indexes into a list of the block's different values. */
function lowCardinality({ args }: ColumnType, takeCells: TakeCells): ValueReader {
  const given = args[0]?.type;
  const isNullable = given?.name === "Nullable";
  const keyType = isNullable ? given.args[0]?.type : given;
  const keys = keyType && plainColumn(keyType);
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
      const indexes = plainColumn({ name: INDEX_NAMES[header & 0xff] ?? "", args: [] });
      if (indexes === undefined || (header & NEEDS_GLOBAL_KEYS) !== 0 || (header & HAS_OWN_KEYS) === 0)
        throw new QueryFailure(502, "a LowCardinality column refers to values that the answer does not contain");
      const count = await bytes.uint64();
      takeCells(count);
      const different = await keys.values(bytes, count);
      if (isNullable && count > 0) different[0] = null;
      if ((await bytes.uint64()) !== rows) throw new QueryFailure(502, "a LowCardinality column has too few values");
      return (await indexes.values(bytes, rows)).map((index) => different[index as number] ?? null);
    },
  };
}

/** Reads the ends of lists, and then all their values. Calls `each` with the values of a row. */
async function lists<T>(
  bytes: ByteReader,
  rows: number,
  read: (count: number) => Promise<(from: number, to: number) => T>,
): Promise<T[]> {
  const ends: number[] = [];
  let before = 0;
  const written = Buffer.from(await bytes.take(8 * rows));
  for (let row = 0; row < rows; row++) {
    const end = Number(written.readBigUInt64LE(8 * row));
    if (end < before || !Number.isSafeInteger(end))
      throw new QueryFailure(502, "the ends of the lists in the data source's answer do not ascend");
    ends.push((before = end));
  }
  const slice = await read(before);
  return ends.map((end, row) => slice(row === 0 ? 0 : ends[row - 1]!, end));
}

const list = (inner: ValueReader, takeCells: TakeCells): ValueReader => ({
  kind: "json",
  prefix: async (bytes) => inner.prefix?.(bytes),
  values: (bytes, rows) =>
    lists(bytes, rows, async (count) => {
      takeCells(count);
      const values = await jsonValues(inner, bytes, count);
      return (from, to) => values.slice(from, to);
    }),
});

const map = (keys: ValueReader, inner: ValueReader, takeCells: TakeCells): ValueReader => ({
  kind: "json",
  async prefix(bytes) {
    await keys.prefix?.(bytes);
    await inner.prefix?.(bytes);
  },
  values: (bytes, rows) =>
    lists(bytes, rows, async (count) => {
      takeCells(2 * count);
      const names = await jsonValues(keys, bytes, count);
      const values = await jsonValues(inner, bytes, count);
      return (from, to) =>
        Object.fromEntries(
          values.slice(from, to).map((value, i) => {
            const name = names[from + i];
            return [typeof name === "string" ? name : JSON.stringify(name), value];
          }),
        );
    }),
});

function tuple({ name, args }: ColumnType, takeCells: TakeCells): ValueReader {
  const parts = args.map(({ label, type }) => ({ label, reader: type && columnReader(type, takeCells) }));
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
      takeCells(rows * parts.length);
      const columns: Value[][] = [];
      for (const { reader } of parts) {
        if (reader === undefined) throw unreadable({ name, args });
        // oxlint-disable-next-line no-await-in-loop -- the columns follow each other
        columns.push(await jsonValues(reader, bytes, rows));
      }
      return Array.from({ length: rows }, (_, row) =>
        isNamed
          ? Object.fromEntries(parts.map(({ label }, i) => [label, columns[i]![row]]))
          : columns.map((column) => column[row]!),
      );
    },
  };
}

/** Reads values that become part of JSON, in which times are texts. */
async function jsonValues(reader: ValueReader, bytes: ByteReader, rows: number): Promise<Value[]> {
  const values = await reader.values(bytes, rows);
  if (reader.kind !== "time") return values;
  return values.map((value) => (typeof value === "number" && Math.abs(value) <= 8.64e15 ? rfc3339(value) : null));
}
