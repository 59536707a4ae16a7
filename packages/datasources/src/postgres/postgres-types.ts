import type { ColumnKind } from "../sql/result-columns.ts";

/** Kinds of columns by the object id of PostgreSQL's type. All other types are texts. */
const KINDS: ReadonlyMap<number, ColumnKind> = new Map([
  [16, "boolean"],
  [20, "integer"], // int8
  [21, "number"], // int2
  [23, "number"], // int4
  [700, "number"], // float4
  [701, "number"], // float8
  [1700, "number"], // numeric
  [1082, "time"], // date
  [1114, "time"], // timestamp
  [1184, "time"], // timestamptz
]);

export const BYTEA = 17;

export const columnKind = (typeId: number): ColumnKind => KINDS.get(typeId) ?? "string";

/** Returns the bytes of a bytea column as a text, as Grafana does. */
export const byteaText = (written: string): string =>
  written.startsWith(String.raw`\x`) ? Buffer.from(written.slice(2), "hex").toString("utf8") : written;
