import { expect, test } from "vitest";
import type { PlanPart } from "../../api/narthex.ts";
import { figuresOf, selectionTexts, shareOf, shortTime, threadTexts } from "./plan-figures.ts";

const NOTHING = { series: 0, samples: 0, samplesRead: 0, bytesRead: 0, selfTime: 0, totalTime: 0, threads: [] };

const part = (measured: Partial<PlanPart["measured"]>, type = "vector"): PlanPart => ({
  operator: "selector",
  expression: "up",
  type,
  steps: 1,
  notes: [],
  selections: [],
  measured: { ...NOTHING, ...measured },
  inputs: [],
});

test.each([
  [0, "0µs"],
  [0.000_012, "12µs"],
  [0.0012, "1.2ms"],
  [0.0999, "100ms"],
  [2.5, "2.5s"],
])("%d s are shown as %s", (seconds, text) => {
  expect(shortTime(seconds)).toBe(text);
});

test("a part shows its number of series and samples, the samples it read and its time", () => {
  expect(figuresOf(part({ series: 1, samples: 1, samplesRead: 1200, bytesRead: 1536, selfTime: 0.0012 }))).toEqual([
    "1 series",
    "1 sample",
    "1,200 read",
    "1.5 KiB decoded",
    "1.2ms itself",
  ]);
  const around = { ...part({ series: 3, samples: 30, totalTime: 2 }), steps: 11, inputs: [part({})] };
  expect(figuresOf(around)).toEqual(["3 series", "30 samples", "11 steps", "0µs itself", "2s in all"]);
  expect(figuresOf(part({}))).toEqual(["0 series", "0µs itself"]);
  expect(figuresOf(part({}, "scalar"))).toEqual(["scalar", "0µs itself"]);
  const { measured: _measured, ...planned } = around;
  expect(figuresOf(planned)).toEqual(["11 steps"]);
});

test("a part shows how its time divides between threads", () => {
  const alone = [{ thread: "queries 1", workTime: 0.0012, otherJobsTime: 0 }];
  expect(threadTexts(part({ threads: alone }))).toEqual(["thread queries 1: 1.2ms of work"]);
  const threads = [
    { thread: "queries 2", workTime: 0.0012, otherJobsTime: 0.03 },
    { thread: "main", serverWaitTime: 2.5 },
  ];
  expect(threadTexts(part({ threads }))).toEqual([
    "thread queries 2: 1.2ms of work, 30ms for other jobs",
    "thread main: 2.5s of waiting for other servers",
  ]);
  expect(threadTexts({ ...part({}), measured: undefined } as unknown as PlanPart)).toEqual([]);
});

test("a part shows its selections from the storage, even at times that a Date cannot represent", () => {
  const matchers = ['__name__="up"'];
  const selections = [
    { matchers, start: 0, end: 60.5, series: 1200 },
    { matchers, start: 8_999_999_999_700, end: 9_000_000_000_000 },
  ];
  expect(selectionTexts({ ...part({}), selections }, "Asia/Kolkata")).toEqual([
    'reads {__name__="up"} from the storage, 1970-01-01 05:30:00 +05:30 to 1970-01-01 05:31:00.500 +05:30: 1,200 series',
    'reads {__name__="up"} from the storage, 8999999999700 s to 9000000000000 s',
  ]);
});

test("a share is relative to the time of the whole query, and 0 for a query without a time", () => {
  const root = part({ selfTime: 1, totalTime: 4 });
  expect(shareOf(root, root)).toBe(0.25);
  expect(shareOf(part({ selfTime: 3 }), root)).toBe(0.75);
  expect(shareOf(part({ selfTime: 3 }), part({}))).toBe(0);
});
