import { expect, test } from "vitest";
import { bannedCalls } from "./banned-calls.ts";
import { clockVerdicts } from "./clock-verdicts.ts";
import { sizeProblems } from "./size.ts";
import { sourceFiles } from "./sources.ts";
import { spreadCalls } from "./spread-calls.ts";

const sources = sourceFiles();

test("bannedCalls() finds a call with a preferred replacement", () => {
  expect(bannedCalls({ path: "packages/x/src/a.ts", isTest: false, lines: ["const now = Date.now();"] })).toHaveLength(
    1,
  );
});

test("bannedCalls() finds components that React would show late", () => {
  const line = 'const Page = lazy(() => import("./Page.tsx"));';
  expect(bannedCalls({ path: "apps/ui/src/a.tsx", isTest: false, lines: [line] })).toHaveLength(1);
});

test("no source uses a call with a preferred replacement", () => {
  expect(sources.flatMap(bannedCalls)).toEqual([]);
});

test.each(["list.push(...others);", "Math.max(0, ...sizes);", "String.fromCharCode(...bytes);"])(
  "spreadCalls() finds %s",
  (line) => {
    expect(spreadCalls({ path: "packages/x/src/a.ts", isTest: false, lines: [line] })).toHaveLength(1);
  },
);

test("spreadCalls() ignores lists, objects and calls of other functions", () => {
  const lines = ["const a = [...b];", "a.push({ ...c });", "print(...d);", "a.push(...[1, 2]);"];
  expect(spreadCalls({ path: "packages/x/src/a.ts", isTest: false, lines })).toEqual([]);
});

test("no list is spread into a call that takes its elements as arguments", () => {
  expect(sources.flatMap(spreadCalls)).toEqual([]);
});

test("sizeProblems() finds a function that is longer than a screen", () => {
  const lines = ["function long() {", ...Array.from({ length: 80 }, () => "  work();"), "}"];
  expect(sizeProblems({ path: "packages/x/src/a.ts", isTest: false, lines })).toHaveLength(1);
});

test("no file is over 600 lines, no function over 70", () => {
  expect(sources.flatMap(sizeProblems)).toEqual([]);
});

test("no file has a name for unrelated contents", () => {
  const drawers = sources
    .filter(({ path }) => /(^|\/)(utils?|helpers?|common|misc|types)(\/|\.tsx?$)/.test(path))
    .map(({ path }) => path);
  expect(drawers).toEqual([]);
});

test.each([
  ["a difference of two readings", ["expect(performance.now() - asked).toBeLessThan(10_000);"]],
  ["a variable that holds one", ["const waited = performance.now() - asked;", "expect(waited).toBeLessThan(5);"]],
  ["one of many", ["pauses.push(Date.now() - from);", "expect(pauses[5]).toBeLessThan(200);"]],
  ["a name that says so", ["expect(await elapsed()).toBeLessThanOrEqual(LIMIT);"]],
  ["a call of several lines", ["expect(", "  systemClock.monotonic() - asked,", ").toBeLessThan(5);"]],
])("clockVerdicts() finds %s", (_, lines) => {
  expect(clockVerdicts({ path: "e2e/src/a.test.ts", isTest: true, lines })).toHaveLength(1);
});

test("clockVerdicts() finds each reading of CPU time, but not in comments", () => {
  const reading = "const { user, system } = process.cpuUsage(before);";
  const lines = [reading, `// ${reading}`, "const used = process.threadCpuUsage();"];
  expect(clockVerdicts({ path: "packages/a/src/testing/work.ts", isTest: true, lines })).toHaveLength(2);
});

test("clockVerdicts() accepts assertions about work and about controlled clocks", () => {
  const lines = [
    "const end = Date.now() + 5;",
    "expect(turns).toBeLessThan(20);",
    "expect(steps).toBeLessThan(400);",
    "expect(clock.monotonic() - asked).toBeLessThan(5);",
    "expect(requests[1].at - requests[0].at).toBeGreaterThanOrEqual(2990);",
  ];
  expect(clockVerdicts({ path: "e2e/src/a.test.ts", isTest: true, lines })).toEqual([]);
});

test("no test asserts a duration on a real clock", () => {
  expect(sources.flatMap(clockVerdicts)).toEqual([]);
});
