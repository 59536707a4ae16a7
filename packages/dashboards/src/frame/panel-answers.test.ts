import fc from "fast-check";
import { expect, test } from "vitest";
import { ANSWER_TAG_LENGTH, type PanelAnswer, PanelAnswerReader, writePanelAnswer } from "./panel-answers.ts";

const answer: fc.Arbitrary<PanelAnswer> = fc.record({
  at: fc.nat(500),
  form: fc.constantFrom("unchanged", "frames", "sentence"),
  status: fc.integer({ min: 200, max: 599 }),
  tag: fc.constantFrom("", "x".repeat(ANSWER_TAG_LENGTH)),
  body: fc.uint8Array({ maxLength: 90 }),
});

test("answers are read as they were written, however the stream is split", () => {
  fc.assert(
    fc.property(fc.array(answer, { maxLength: 6 }), fc.array(fc.integer({ min: 1, max: 50 })), (answers, cuts) => {
      const bytes = Uint8Array.from(answers.flatMap((one) => writePanelAnswer(one).flatMap((part) => [...part])));
      const reader = new PanelAnswerReader();
      const read: PanelAnswer[] = [];
      let at = 0;
      for (const cut of [...cuts, bytes.length]) {
        read.push(...reader.read(bytes.subarray(at, at + cut)));
        at += cut;
      }
      expect(read).toEqual(answers);
    }),
  );
});

test("an incomplete answer is not returned, and other bytes are refused", () => {
  const [head] = writePanelAnswer({ at: 0, form: "frames", status: 200, tag: "", body: Uint8Array.of(1, 2) });
  expect(new PanelAnswerReader().read(head!)).toEqual([]);
  expect(() => new PanelAnswerReader().read(new TextEncoder().encode("<html>".repeat(10)))).toThrow("too long");
  expect(() => new PanelAnswerReader().read(Uint8Array.from({ length: 32 }, (_, i) => Number(i === 6) * 9))).toThrow(
    "unknown form",
  );
});
