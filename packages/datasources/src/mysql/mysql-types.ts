import type { ColumnKind } from "../sql/result-columns.ts";

/** Kinds of columns by the number of the type in MySQL's protocol. All other types are texts. */
const KINDS: ReadonlyMap<number, ColumnKind> = new Map([
  [0, "number"], // DECIMAL
  [1, "number"], // TINYINT
  [2, "number"], // SMALLINT
  [3, "number"], // INT
  [4, "number"], // FLOAT
  [5, "number"], // DOUBLE
  [7, "time"], // TIMESTAMP
  [8, "integer"], // BIGINT
  [9, "number"], // MEDIUMINT
  [10, "time"], // DATE
  [12, "time"], // DATETIME
  [13, "number"], // YEAR
  [14, "time"], // DATE of old versions
  [246, "number"], // DECIMAL
]);

export const columnKind = (typeId: number): ColumnKind => KINDS.get(typeId) ?? "string";
