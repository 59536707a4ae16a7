import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { SharedAnswers } from "./shared-answers.ts";

test("an answer is shared with other callers while it is fresh", async () => {
  const clock = new ManualClock();
  const answers = new SharedAnswers<string>(clock, 10_000);
  answers.keep("a", "one", 100, 1000);
  answers.keep("b", "none", 100, 0);
  expect([answers.get("a"), answers.get("b"), answers.get("c")]).toEqual(["one", undefined, undefined]);
  await clock.advance(1000);
  expect([answers.get("a"), answers.bytes, answers.used]).toEqual([undefined, 0, 1]);
});

test("the least recently used answer is evicted, and an answer that is too large is not cached", () => {
  const answers = new SharedAnswers<number>(new ManualClock(), 3 * 400);
  for (const key of ["a", "b", "c"]) answers.keep(key, 1, 100, 1000);
  answers.get("a");
  answers.keep("d", 1, 100, 1000);
  answers.keep("a", 2, 100, 1000);
  answers.keep("e", 1, 2000, 1000);
  expect(["a", "b", "c", "d", "e"].map((key) => answers.get(key))).toEqual([2, undefined, 1, 1, undefined]);
  expect(answers.bytes).toBe(3 * 358);
});

test("an answer that is no longer fresh is removed from memory, even without further requests", async () => {
  const clock = new ManualClock();
  const answers = new SharedAnswers<string>(clock, 10_000);
  answers.keep("short", "a", 100, 1000);
  answers.keep("long", "b", 100, 15_000);
  await clock.advance(10_000);
  expect([answers.bytes, answers.get("long")]).toEqual([364, "b"]);
  await clock.advance(10_000);
  expect(answers.bytes).toBe(0);
});
