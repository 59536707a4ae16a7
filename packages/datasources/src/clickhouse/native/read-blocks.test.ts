import { valueAt } from "@narthex/dashboards";
import { ManualClock } from "@narthex/runtime/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { QueryFailure } from "../../query-failure.ts";
import { ResultReader } from "../../sql/result-frame.ts";
import { requestBudgets } from "../../value-budget.ts";
import { readBlocks } from "./read-blocks.ts";

/** Writes an answer in the format Native. */
class Written {
  readonly #parts: Buffer[] = [];

  varint(value: number): this {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#parts.push(Buffer.of((rest % 128) + 128));
    this.#parts.push(Buffer.of(rest));
    return this;
  }

  text(text: string): this {
    const bytes = Buffer.from(text);
    this.varint(bytes.length).#parts.push(bytes);
    return this;
  }

  raw(...bytes: readonly number[]): this {
    this.#parts.push(Buffer.from(bytes));
    return this;
  }

  words(...words: readonly bigint[]): this {
    for (const word of words) {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64LE(BigInt.asUintN(64, word));
      this.#parts.push(bytes);
    }
    return this;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

const column = (type: string, rows = 1, name = "v"): Written =>
  new Written().varint(1).varint(rows).text(name).text(type);

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  // The memory of a piece is used again for the next one, as connections do.
  const piece = Buffer.alloc(size);
  for (let at = 0; at < bytes.length; at += size)
    yield await Promise.resolve(piece.subarray(0, bytes.copy(piece, 0, at, at + size)));
}

async function read(bytes: Buffer, { size = 1, maxRows = 1_000_000 } = {}) {
  const { cells } = requestBudgets();
  const result = new ResultReader({ maxBytes: 2 ** 26, cells, count: () => undefined, maxRows });
  await readBlocks(inPieces(bytes, size), result, new ManualClock(0));
  const fields = result.takeFields();
  const rows = Array.from({ length: result.rows }, (_, row) => fields.map((field) => valueAt(field, row)));
  return { types: fields.map(({ type }) => type), rows, notices: result.notices };
}

test.each([
  ["DateTime64(3)", new Written().words(1_711_845_000_123n), "time", 1_711_845_000_123],
  ["DateTime64(9, 'Europe/Berlin')", new Written().words(1_711_845_000_123_456_789n), "time", 1_711_845_000_123],
  ["DateTime64(6)", new Written().words(-1n), "time", -1],
  ["DateTime64(0)", new Written().words(1_711_845_000n), "time", 1_711_845_000_000],
  ["Date32", new Written().raw(0xff, 0xff, 0xff, 0xff), "time", -86_400_000],
  ["Bool", new Written().raw(1), "boolean", true],
  ["BFloat16", new Written().raw(0xc0, 0x3f), "number", 1.5],
  ["Int128", new Written().words(-2n, -1n), "number", -2],
  ["UInt128", new Written().words(0n, 1n), "number", 2 ** 64],
  ["Int256", new Written().words(-1n, -1n, -1n, -1n), "number", -1],
  ["Decimal(38, 2)", new Written().words(12_345n, 0n), "number", 123.45],
  ["Decimal(76, 1)", new Written().words(-5n, -1n, -1n, -1n), "number", -0.5],
  ["IPv4", new Written().raw(1, 0, 0, 127), "string", "127.0.0.1"],
  ["IPv6", new Written().words(0n, 0x0100_0000_0000_0000n), "string", "::1"],
  ["IntervalDay", new Written().words(3n), "number", 3],
  ["SimpleAggregateFunction(sum, UInt8)", new Written().raw(7), "number", 7],
  ["Nullable(Nothing)", new Written().raw(1, 0), "string", null],
  [
    "Map(String, UInt8)",
    new Written().words(2n).text("a").text("__proto__").raw(1, 2),
    "json",
    JSON.parse('{"a":1,"__proto__":2}'),
  ],
  ["Map(UInt8, Array(UInt8))", new Written().words(1n).raw(9).words(2n).raw(1, 2), "json", { 9: [1, 2] }],
  ["Tuple(a UInt8, `b c` String)", new Written().raw(1).text("x"), "json", { a: 1, "b c": "x" }],
  ["Nested(a UInt8, b UInt8)", new Written().words(1n).raw(1, 2), "json", [{ a: 1, b: 2 }]],
  ["Array(DateTime)", new Written().words(1n).raw(0, 0, 0, 0), "json", ["1970-01-01T00:00:00Z"]],
  ["Point", new Written().words(0n, 0n), "json", [0, 0]],
  ["Ring", new Written().words(1n, 0n, 0n), "json", [[0, 0]]],
])("a value of the type %s is read, whatever the pieces of the answer are", async (type, value, kind, expected) => {
  const { bytes } = column(type);
  const answer = Buffer.concat([bytes, value.bytes]);
  for (const size of [1, 7, answer.length]) {
    // oxlint-disable-next-line no-await-in-loop -- the message names the size that fails
    expect(await read(answer, { size })).toMatchObject({ types: [kind], rows: [[expected]] });
  }
});

test("the rows of all blocks follow each other, and whole numbers become texts if one is too large", async () => {
  const blocks = [column("UInt64", 2).words(1n, 2n), column("UInt64").words(2n ** 63n)];
  expect(await read(Buffer.concat(blocks.map(({ bytes }) => bytes)))).toEqual({
    types: ["string"],
    rows: [["1"], ["2"], ["9223372036854775808"]],
    notices: [],
  });
});

test("an answer without rows has its columns, and an empty answer has none", async () => {
  expect(await read(column("UInt8", 0).bytes)).toMatchObject({ types: ["number"], rows: [] });
  expect(await read(Buffer.alloc(0))).toMatchObject({ types: [], rows: [] });
});

test("no rows are read beyond the limit", async () => {
  const { rows, notices } = await read(column("UInt8", 3).raw(1, 2, 3).bytes, { maxRows: 2 });
  expect(rows).toEqual([[1], [2]]);
  expect(notices[0]!.text).toContain("limited to 2");
});

test("an error that the server writes after a block fails the query", async () => {
  const error = Buffer.from(
    "Code: 241. DB::Exception: Memory limit exceeded. (MEMORY_LIMIT_EXCEEDED) (version 24.8)\n",
  );
  await expect(read(Buffer.concat([column("UInt8").raw(1).bytes, error]))).rejects.toThrow(
    "error querying the database: code: 241, message: Memory limit exceeded. (MEMORY_LIMIT_EXCEEDED)",
  );
});

test.each([
  ["an answer that ends early", column("UInt64").raw(1).bytes, "ends in the middle of a column"],
  ["more rows than fit into memory", column("UInt8", 2 ** 40).bytes, "blocks of more than 5000000 cells"],
  ["rows without columns", new Written().varint(0).varint(5).bytes, "does not answer in ClickHouse's format Native"],
  ["too many columns", new Written().varint(2 ** 30).varint(0).bytes, "does not answer in ClickHouse's format Native"],
  ["a number that does not end", Buffer.alloc(20, 0xff), "a number that is too large"],
  ["a text that is longer than the answer", column("String").varint(2 ** 50).bytes, "ends in the middle of a column"],
  ["lists whose ends do not ascend", column("Array(UInt8)", 2).words(2n, 1n).bytes, "do not ascend"],
  ["a list with too many values", column("Array(UInt8)").words(2n ** 40n).bytes, "more than 5000000 cells"],
  ["a map with too many values", column("Map(UInt8, UInt8)").words(2n ** 40n).bytes, "more than 5000000 cells"],
  [
    "too many values of low cardinality",
    column("LowCardinality(String)").words(1n, 0x600n, 2n ** 40n).bytes,
    "more than 5000000 cells",
  ],
  ["low cardinality of another version", column("LowCardinality(String)").words(2n).bytes, "unknown version 2"],
  ["low cardinality without its values", column("LowCardinality(String)").words(1n, 0x100n).bytes, "does not contain"],
  ["a tuple without elements", column("Tuple()").bytes, "a column has the type Tuple, which cannot be shown"],
  [
    "a state of an aggregation",
    column("AggregateFunction(sum, UInt8)").bytes,
    "convert it, for example with toString()",
  ],
  ["types that are nested too deeply", column("Array(".repeat(40) + "UInt8" + ")".repeat(40)).bytes, "cannot be read"],
  ["a type that does not end", column("Enum8('a").bytes, "cannot be read"],
  ["a fixed string without length", column("FixedString(0)").bytes, "between 1 and"],
  ["a precision beyond a number", column("DateTime64(400)").bytes, "not between 0 and 9"],
  [
    "a block with other types",
    Buffer.concat([column("UInt8").raw(1).bytes, column("UInt16").raw(1, 1).bytes]),
    "format Native",
  ],
])("%s is refused", async (_what, bytes, problem) => {
  await expect(read(bytes)).rejects.toThrow(problem);
});

test("indexes beyond the values of low cardinality are null", async () => {
  const { bytes } = column("LowCardinality(String)").words(1n, 0x600n, 1n).text("a").words(1n).raw(9);
  expect(await read(bytes)).toMatchObject({ rows: [[null]] });
});

const TYPES = [
  "UInt64",
  "String",
  "Array(Nullable(String))",
  "LowCardinality(Nullable(String))",
  "Map(String, UInt8)",
  "Tuple(a DateTime64(6), b Decimal(38, 3))",
  "Enum8('a' = 1)",
];

test("an answer of any bytes is read, or fails with a sentence", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...TYPES),
      fc.nat(300),
      fc.uint8Array({ maxLength: 200 }),
      fc.boolean(),
      async (type, rows, bytes, hasHead) => {
        const answer = Buffer.concat([hasHead ? column(type, rows).bytes : Buffer.alloc(0), bytes]);
        try {
          await read(answer, { size: 16 });
        } catch (error) {
          expect(error).toBeInstanceOf(QueryFailure);
        }
      },
    ),
    { numRuns: 2000 },
  );
});
