import { expect, test } from "vitest";
import { ResultReader } from "./sql/result-frame.ts";
import { LongTexts, ValueBudget } from "./value-budget.ts";

test("long texts count as cells, as far as the cells of the answer do not explain them", () => {
  const texts = new LongTexts(new ValueBudget(10, "too many"));
  texts.counted(5);
  texts.take(5 * 64);
  texts.take(10 * 64);
  expect(() => texts.take(64)).toThrow("too many");
});

test("the queries of a request cannot return many results of one long text each", () => {
  const cells = new ValueBudget(1000, "the tables of the request have too many cells");
  const read = (characters: number): void => {
    const reader = new ResultReader({ maxBytes: 1_000_000, cells, count: () => undefined });
    reader.begin([{ name: "a", kind: "string" }]);
    reader.received(characters);
    reader.row(["x".repeat(characters)]);
  };
  for (let query = 0; query < 30; query++) read(2000);
  expect(() => {
    for (let query = 0; query < 3; query++) read(2000);
  }).toThrow("the tables of the request have too many cells");
});
