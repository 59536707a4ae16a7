import fc from "fast-check";
import { expect, test } from "vitest";
import { frameArbitrary, numbers, table } from "../testing/frames.ts";
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
