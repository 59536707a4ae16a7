import { Labels } from "@narthex/model";
import { OUTCOME_DUPLICATE, OUTCOME_OUT_OF_BOUNDS, OUTCOME_OUT_OF_ORDER, OUTCOME_TOO_OLD } from "@narthex/storage";
import { histogramOf } from "@narthex/storage/testing";
import { expect, test } from "vitest";
import { HeadCounters } from "../head/counters.ts";
import { Head } from "../head/head.ts";
import { truncateHead } from "../head/truncate.ts";
import { appendRows } from "../testing/sample-rows.ts";
import { addBuckets, bucketTable, makeBuckets, observe } from "./buckets.ts";
import { chunkCount, headStats } from "./stats.ts";

const PAIRS = 5000;

function add(head: Head, from: number, to: number): void {
  const app = head.appender();
  for (let i = from; i < to; i++) app.series(Labels.of({ __name__: `m${i}`, job: "j" }));
  app.rollback();
}

test("statistics are computed in steps, between which series are added and removed", async () => {
  const head = new Head(0);
  add(head, 0, PAIRS);
  const unpin = head.pin();
  const steps = headStats(head, 3);
  let yields = 0;
  for (;;) {
    const step = steps.next();
    if (step.done === true) {
      expect(step.value.seriesCountByMetricName).toHaveLength(3);
      expect(step.value.headStats.numSeries).toBe(head.memory.series.count);
      break;
    }
    yields++;
    // Removes all series (none has samples) between two steps. The next series that are added use the same rows.
    if (yields === 4) await truncateHead(head, 0);
    add(head, yields * PAIRS, yields * PAIRS + 10);
  }
  unpin();
  expect(yields).toBeGreaterThanOrEqual(4);
});

test("each list has the entries with the largest counts, up to the limit, with the same numbers as in Prometheus", () => {
  const head = new Head(0);
  const app = head.appender();
  for (let i = 0; i < 1400; i++) app.series(Labels.of({ __name__: "up", job: "j".repeat(1 + (i % 3)), id: `${i}` }));
  app.series(Labels.of({ __name__: "ü", job: "j" }));
  app.rollback();
  const steps = headStats(head, 2);
  const yields: unknown[] = [];
  let step = steps.next();
  for (; step.done !== true; step = steps.next()) yields.push(step.value);
  // The head has only 2 label names, 3 jobs and 1400 identifiers, so one yield is expected.
  expect(yields).toHaveLength(1);
  expect(step.value).toEqual({
    headStats: { numSeries: 1401, numLabelPairs: 1405, chunkCount: 0, minTime: Infinity, maxTime: -Infinity },
    seriesCountByMetricName: [
      { name: "up", value: 1400 },
      { name: "ü", value: 1 },
    ],
    labelValueCountByLabelName: [
      { name: "id", value: 1400 },
      { name: "job", value: 3 },
    ],
    memoryInBytesByLabelName: [
      { name: "__name__", value: 1401 * (1 + 8 + 1 + 2) },
      { name: "id", value: 1400 * (1 + 2 + 1) + 10 + 2 * 90 + 3 * 900 + 4 * 400 },
    ],
    seriesCountByLabelValuePair: [
      { name: "__name__=up", value: 1400 },
      { name: "job=j", value: 468 },
    ],
  });
});

test("chunks of floats and histograms are counted until they are removed", async () => {
  const head = new Head(0);
  await appendRows(head, [
    ["a", 1, 1],
    ["b", 1000, 1],
  ]);
  const app = head.appender();
  app.appendHistogram(app.series(Labels.of({ __name__: "h" })), 1000, histogramOf(2));
  await app.commit();
  expect(chunkCount(head)).toBe(3);
  await truncateHead(head, 500);
  expect(chunkCount(head)).toBe(2);
});

test("an observation is counted in the first bucket whose bound is not below it, and in all later ones", () => {
  const buckets = makeBuckets(1, 2, 3);
  const other = makeBuckets(1, 2, 3);
  for (const value of [1, 1.5, 2, 4.5]) observe(buckets, value);
  for (const value of [4, 0]) observe(other, value);
  addBuckets(buckets, other);
  expect(bucketTable("x", buckets)).toEqual({
    'x_bucket{le="1"}': 2,
    'x_bucket{le="2"}': 4,
    'x_bucket{le="4"}': 5,
    'x_bucket{le="+Inf"}': 6,
    x_sum: 13,
    x_count: 6,
  });
});

test.each([
  [OUTCOME_OUT_OF_ORDER, false, "floatsOutOfOrder", "histogramsOutOfOrder"],
  [OUTCOME_TOO_OLD, true, "floatsTooOld", undefined],
  [OUTCOME_TOO_OLD, false, "floatsOutOfBounds", "histogramsOutOfBounds"],
  [OUTCOME_OUT_OF_BOUNDS, true, "floatsOutOfBounds", "histogramsOutOfBounds"],
  [OUTCOME_DUPLICATE, true, undefined, undefined],
] as const)("a sample refused with %s (window: %s) counts as %s or %s", (outcome, window, floats, histograms) => {
  for (const [isHistogram, name] of [
    [false, floats],
    [true, histograms],
  ] as const) {
    const counters = new HeadCounters();
    counters.refuse(outcome, isHistogram, window);
    expect(counters).toEqual(Object.assign(new HeadCounters(), name === undefined ? {} : { [name]: 1 }));
  }
});
