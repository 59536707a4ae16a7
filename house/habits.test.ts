import { expect, test } from "vitest";
import { bannedCalls } from "./banned-calls.ts";
import { sizeProblems } from "./size.ts";
import { sourceFiles } from "./sources.ts";

const sources = sourceFiles();

test("bannedCalls() finds a call that has a better one here", () => {
  expect(bannedCalls({ path: "packages/x/src/a.ts", isTest: false, lines: ["const now = Date.now();"] })).toHaveLength(
    1,
  );
});

test("no source uses a call that has a better one here", () => {
  expect(sources.flatMap(bannedCalls)).toEqual([]);
});

test("sizeProblems() finds a function over a screen", () => {
  const lines = ["function long() {", ...Array.from({ length: 80 }, () => "  work();"), "}"];
  expect(sizeProblems({ path: "packages/x/src/a.ts", isTest: false, lines })).toHaveLength(1);
});

test("no file is over 600 lines, no function over 70", () => {
  expect(sources.flatMap(sizeProblems)).toEqual([]);
});

test("no file is named after a drawer", () => {
  const drawers = sources
    .filter(({ path }) => /(^|\/)(utils?|helpers?|common|misc|types)(\/|\.tsx?$)/.test(path))
    .map(({ path }) => path);
  expect(drawers).toEqual([]);
});
