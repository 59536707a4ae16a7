// Answers that would take much more time or memory than their size suggests.
import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { ResultReader } from "../../sql/result-frame.ts";
import { requestBudgets } from "../../value-budget.ts";
import { ByteReader } from "./byte-reader.ts";
import { columnReader } from "./column-reader.ts";
import { parseColumnType } from "./column-type.ts";
import { readBlocks } from "./read-blocks.ts";

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}
const text = (written: string): Buffer => Buffer.concat([varint(Buffer.byteLength(written)), Buffer.from(written)]);
const words = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(8 * values.length);
  for (const [at, value] of values.entries()) bytes.writeBigUInt64LE(BigInt(value), 8 * at);
  return bytes;
};
const column = (rows: number, type: string): Buffer => Buffer.concat([varint(1), varint(rows), text("v"), text(type)]);

async function* inPieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65_536) yield await Promise.resolve(bytes.subarray(at, at + 65_536));
}

async function read(...parts: readonly Buffer[]) {
  const { cells } = requestBudgets();
  const result = new ResultReader({ maxBytes: 2 ** 26, cells, count: () => undefined });
  await readBlocks(inPieces(Buffer.concat(parts)), result, new ManualClock(0));
  return result;
}

test("blocks without rows are limited", async () => {
  await expect(read(Buffer.alloc(4000))).rejects.toThrow("does not answer in ClickHouse's format Native");
});

test("the types of all columns together are limited", async () => {
  const type = text(`Tuple(${"Int8,".repeat(50_000)}Int8)`);
  const columns = Array.from({ length: 5 }, () => Buffer.concat([text("v"), type]));
  await expect(read(varint(5), varint(0), ...columns)).rejects.toThrow("types of the columns have more than");
  await expect(read(column(0, `Tuple(${"Int8,".repeat(60_000)}Int8)`))).rejects.toThrow("too long");
});

test("a text that is in the answer once counts for each row", async () => {
  const rows = 200_000;
  const header = [words(1), words(1 << 9), words(1), text("x".repeat(1000)), words(rows), Buffer.alloc(rows)];
  await expect(read(column(rows, "LowCardinality(String)"), ...header)).rejects.toThrow(
    "characters; select fewer rows",
  );
  const type = `Enum8('${"x".repeat(1000)}' = 0)`;
  await expect(read(column(rows, type), Buffer.alloc(rows))).rejects.toThrow("characters; select fewer rows");
});

test.each([
  ["Array(DateTime)", 1, Buffer.concat([words(20_000), Buffer.alloc(80_000)]), 8],
  ["Map(UInt8, UInt8)", 1, Buffer.concat([words(20_000), Buffer.alloc(40_000)]), 12],
  ["Tuple(a UInt8, b UInt8)", 20_000, Buffer.alloc(40_000), 17],
  ["Nullable(UInt8)", 20_000, Buffer.alloc(40_000), 8],
])("work on a column of the type %s lets other work run", async (type, rows, bytes, least) => {
  let pauses = 0;
  const slice = { yieldToEventLoop: () => Promise.resolve(void pauses++) };
  const { cells } = requestBudgets();
  const result = new ResultReader({ maxBytes: 2 ** 26, cells, count: () => undefined });
  const reader = columnReader(parseColumnType(type), result);
  expect(await reader.values(new ByteReader(inPieces(bytes), slice), rows)).toHaveLength(rows);
  expect(pauses).toBeGreaterThanOrEqual(least);
});
