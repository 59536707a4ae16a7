import { expect, test } from "vitest";
import { expressionsInSources } from "./source-expressions.ts";
import { readVerdicts } from "./verdict-table.ts";

const found = expressionsInSources();
const verdicts = readVerdicts();
const placesOf = (expression: string): string => `${expression} (${(found.get(expression) ?? []).join(", ")})`;

test("recheck has judged each regular expression of the sources: run `node checks/expressions/judge.ts`", () => {
  expect([...found.keys()].filter((expression) => !verdicts.has(expression)).map(placesOf)).toEqual([]);
  expect([...verdicts.keys()].filter((expression) => !found.has(expression))).toEqual([]);
});

test("each regular expression takes linear time, or verdicts.tsv names what bounds its text", () => {
  const unbounded = [...verdicts].filter(([, { growth, bound }]) => growth !== "linear" && bound.length < 10);
  expect(unbounded.map(([expression]) => placesOf(expression))).toEqual([]);
  expect(found.size).toBeGreaterThan(500);
});

test("readVerdicts() names the line that has other columns", () => {
  expect(() => readVerdicts("growth\texpression\tbound\nlinear\t/a/\t\nlinear /b/\n")).toThrow(
    "verdicts.tsv:3: expected the columns growth, expression, bound",
  );
});
