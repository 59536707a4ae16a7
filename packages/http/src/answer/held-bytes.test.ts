import { expect, test } from "vitest";
import { AnswerLimitError } from "./answer-limit.ts";
import { HeldBytes } from "./held-bytes.ts";

const MOST = 64 * 1024 * 1024;

test("a value that exceeds this program's limit is refused with another error than an invalid answer of the store", () => {
  const held = new HeldBytes(() => undefined);
  held.add(new Uint8Array(MOST));
  expect(() => held.add(new Uint8Array(1))).toThrow(AnswerLimitError);
  const whole = new HeldBytes(() => undefined);
  whole.add(new Uint8Array(MOST));
  expect(() => whole.with(new Uint8Array(1))).toThrow(AnswerLimitError);
});

test("memory is requested for the largest amount that is held at a time", () => {
  let taken = 0;
  const held = new HeldBytes((bytes) => void (taken += bytes));
  expect(held.with(new Uint8Array(10))).toHaveLength(10);
  expect(taken).toBe(10);
  held.add(new Uint8Array(20));
  // Expects that memory was taken for the pieces and for the joined copy.
  expect(held.with(new Uint8Array(5))).toHaveLength(25);
  expect(taken).toBe(50);
  expect(held.with(new Uint8Array(50))).toHaveLength(50);
  expect([taken, held.size]).toEqual([50, 0]);
});
