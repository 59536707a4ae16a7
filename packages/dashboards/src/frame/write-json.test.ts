import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { frameArbitrary, numbers, table } from "../testing/frames.ts";
import type { Field } from "./frame.ts";
import type { FrameAnswer } from "./frame-answer.ts";
import { answersToJson } from "./frame-json.ts";
import { answersJsonTexts } from "./write-json.ts";

const whole = (answers: ReadonlyMap<string, FrameAnswer>): string => JSON.stringify(answersToJson(answers));

const answersArbitrary = fc
  .array(
    fc.tuple(
      fc.constantFrom("B", "A", "10", "9", "__proto__", "", '"'),
      fc.record(
        { status: fc.nat(), frames: fc.array(frameArbitrary, { maxLength: 3 }), error: fc.string() },
        { requiredKeys: ["status", "frames"] },
      ),
    ),
    { maxLength: 4 },
  )
  .map((entries) => new Map<string, FrameAnswer>(entries));

test("the joined pieces are the text that JSON.stringify() writes", () => {
  fc.assert(
    fc.property(answersArbitrary, (answers) => {
      expect([...answersJsonTexts(answers)].join("")).toBe(whole(answers));
    }),
  );
});

test("columns that are longer than a piece are written in several pieces, with the rows that JSON cannot represent", () => {
  const rows = 10_000;
  const odd = [NaN, Infinity, -Infinity, null, -0, 1e21, 0.1];
  const some = Array.from({ length: rows }, (_, row) => (row % 5000 < 7 ? odd[row % 5000]! : row / 8));
  const texts = Array.from({ length: rows }, (_, row) => (row % 3 === 0 ? null : `"${row}\u2028\ud800`));
  const frame = table([numbers("a", some), { name: "b", type: "string", config: {}, values: texts }]);
  const answers = new Map([["A", { status: 200, frames: [frame, table([numbers("c", [1])])] }]]);
  const pieces = [...answersJsonTexts(answers)];
  expect(pieces.join("")).toBe(whole(answers));
  expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(whole(answers).length / 3);
});

test("no piece and no conversion is long, whatever column is long", () => {
  const long = "x".repeat(10_000);
  const column = { name: "c", config: {} };
  const inner = table([
    numbers(
      "n",
      Array.from({ length: 50_000 }, () => 1 / 3),
    ),
  ]);
  const answersOf = (...fields: readonly Field[]) => new Map([["A", { status: 200, frames: [table(fields)] }]]);
  const cases = [
    answersOf({ ...column, type: "string", values: Array.from({ length: 400 }, () => long) }),
    answersOf({ ...column, type: "json", values: Array.from({ length: 400 }, () => ({ long })) }),
    answersOf({ ...column, type: "frame", values: [inner, null, inner] }),
    answersOf(...Array.from({ length: 400 }, (_, i) => ({ ...numbers("n", [i]), labels: { long } }))),
  ];
  const stringify = vi.spyOn(JSON, "stringify");
  for (const answers of cases) {
    stringify.mockClear();
    const pieces = [...answersJsonTexts(answers)];
    const written = stringify.mock.results.map(({ value }) => String(value).length);
    expect(Math.max(...pieces.map(({ length }) => length), ...written)).toBeLessThan(100_000);
    expect(pieces.join("")).toBe(whole(answers));
  }
  stringify.mockRestore();
});

test("a column without NaN and infinities is searched for them in steps", () => {
  const answers = new Map([
    [
      "A",
      {
        status: 200,
        frames: [
          table([
            numbers(
              "n",
              Array.from({ length: 200_000 }, () => 1),
            ),
          ]),
        ],
      },
    ],
  ]);
  const pieces = [...answersJsonTexts(answers)];
  expect(pieces.filter((text) => text === "")).toHaveLength(3);
  expect(pieces.join("")).toBe(whole(answers));
});
