import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { frameArbitrary, numbers, table, times } from "../testing/frames.ts";
import { writeFrames } from "../testing/write-frames.ts";
import { frameBytes, readFrames } from "./frame-bytes.ts";
import type { Field, Frame } from "./frame.ts";
import type { FrameAnswer } from "./frame-answer.ts";
import { answersToJson } from "./frame-json.ts";
import { FrameFormatError } from "./frame-format-error.ts";

const answer = (frames: readonly Frame[]) => new Map([["A", { status: 200, frames }]]);

const answersArbitrary = fc
  .array(
    fc.tuple(
      fc.constantFrom("A", "B", "__proto__", ""),
      fc.record(
        { status: fc.nat(), frames: fc.array(frameArbitrary, { maxLength: 3 }) },
        { requiredKeys: ["status", "frames"] },
      ),
    ),
    { maxLength: 3 },
  )
  .map((entries) => new Map(entries));

test("readFrames() returns the frames that frameBytes() was given", () => {
  fc.assert(
    fc.property(answersArbitrary, (answers) => {
      expect(readFrames(writeFrames(answers))).toEqual(answers);
    }),
  );
});

test("errors, notices, nested frames and empty frames survive the round trip", () => {
  const inner = table([numbers("x", [1, null, NaN])]);
  const frame: Frame = {
    name: "outer",
    length: 2,
    fields: [{ name: "t", type: "frame", config: {}, values: [inner, null] }],
    meta: { type: "table", notices: [{ severity: "warning", text: "half" }], custom: { a: [1] } },
  };
  const answers = new Map([
    ["A", { status: 400, error: "no such table", frames: [frame] }],
    ["B", { status: 200, frames: [{ length: 0, fields: [] }] }],
  ]);
  expect(readFrames(writeFrames(answers))).toEqual(answers);
});

test("numeric columns are views of the bytes, and times that series share are stored once", () => {
  const series = Array.from({ length: 50 }, (_, i) =>
    table([times(Array.from({ length: 100 }, (_, row) => row)), numbers("Value", Array(100).fill(i))]),
  );
  const bytes = writeFrames(answer(series));
  expect(bytes.length).toBeLessThan(50 * 100 * 8 * 1.3);
  const frames = readFrames(bytes).get("A")!.frames;
  expect(frames.every(({ fields }) => fields[1]!.type === "number" && fields[1]!.values.buffer === bytes.buffer)).toBe(
    true,
  );
  expect(new Set(frames.map(({ fields }) => fields[0]!.values)).size).toBe(1);
});

test("bytes that do not start at a multiple of 8 are read too", () => {
  const bytes = writeFrames(answer([table([numbers("a", [1, 2])])]));
  const moved = new Uint8Array(bytes.length + 3);
  moved.set(bytes, 3);
  expect(readFrames(moved.subarray(3))).toEqual(readFrames(bytes));
});

test("any other bytes give a FrameFormatError", () => {
  const good = writeFrames(answer([table([times([1, 2]), numbers("a", [1, null])])]));
  const outcome = (bytes: Uint8Array): string => {
    try {
      readFrames(bytes);
      return "read";
    } catch (error) {
      return error instanceof FrameFormatError ? "refused" : String(error);
    }
  };
  for (let length = 0; length < good.length - 8; length++) expect(outcome(good.slice(0, length))).toBe("refused");
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 20 }), (changes) => {
      const bytes = good.slice();
      for (const [at, byte] of changes) bytes[at] = byte;
      expect(["read", "refused"]).toContain(outcome(bytes));
    }),
  );
});

test.each([
  ['[{"refId":"A","status":200,"frames":[{"length":1e15,"fields":[{"name":"a","type":"number"}]}]}]', /ends early/],
  [
    '[{"refId":"A","status":200,"frames":[{"length":1,"fields":[{"name":"a","type":"number","same":0}]}]}]',
    /does not exist/,
  ],
  [
    '[{"refId":"A","status":200,"frames":[{"length":2,"fields":[{"name":"a","type":"json","values":[1]}]}]}]',
    /as many/,
  ],
  ['[{"refId":"A","status":200,"frames":[{"length":-1,"fields":[]}]}]', /length/],
  ["[".repeat(100_000), /not valid JSON/],
])("the head %s is refused", (head, reason) => {
  const text = new TextEncoder().encode(head);
  const bytes = new Uint8Array(8 + Math.ceil(text.length / 8) * 8);
  bytes.set(new TextEncoder().encode("NXF1"));
  new DataView(bytes.buffer).setUint32(4, text.length, true);
  bytes.set(text, 8);
  expect(() => readFrames(bytes)).toThrow(reason);
});

test("no step converts a long text, whatever column is long", () => {
  const text = "x".repeat(1000);
  const column = { name: "c", config: {} };
  const texts = Array.from({ length: 4000 }, (_, row) => `${row} ${text}`);
  const rows = Array.from({ length: 200_000 }, (_, row) => row);
  const framesOf = (...fields: readonly Field[]) => new Map([["A", { status: 200, frames: [table(fields)] }]]);
  const cases: readonly (readonly [ReadonlyMap<string, FrameAnswer>, number])[] = [
    [framesOf({ ...column, type: "string", values: texts }), 60],
    [framesOf({ ...column, type: "json", values: texts.map((one) => ({ one })) }), 60],
    [framesOf({ ...column, type: "frame", values: [table([{ ...column, type: "string", values: texts }])] }), 60],
    [framesOf({ ...column, type: "boolean", values: rows.map((row) => row % 2 === 0) }), 3],
    [framesOf(...[1, 2].map(() => times(rows))), 3],
  ];
  const stringify = vi.spyOn(JSON, "stringify");
  const encode = vi.spyOn(TextEncoder.prototype, "encode");
  for (const [answers, fewest] of cases) {
    stringify.mockClear();
    encode.mockClear();
    expect([...frameBytes(answers)].length).toBeGreaterThanOrEqual(fewest);
    const written = stringify.mock.results.map(({ value }) => String(value).length);
    const encoded = encode.mock.calls.map(([one]) => one?.length ?? 0);
    expect(Math.max(...written, ...encoded)).toBeLessThan(100_000);
    expect(answersToJson(readFrames(writeFrames(answers)))).toEqual(answersToJson(answers));
  }
  stringify.mockRestore();
  encode.mockRestore();
});

test("long texts are read in steps, even if their column has few rows and each text occurs often", () => {
  const text = "x".repeat(100_000);
  const frame = table([{ name: "c", config: {}, type: "string", values: Array.from({ length: 100 }, () => text) }]);
  expect([...frameBytes(answer([frame]))].length).toBeGreaterThan(15);
});
