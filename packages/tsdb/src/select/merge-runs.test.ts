import { SampleColumns } from "@narthex/storage";
import { histogramOf } from "@narthex/storage/testing";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { mergeRuns } from "./merge-runs.ts";

const run = fc.uniqueArray(fc.nat(60), { maxLength: 20 }).map((times) => times.sort((a, b) => a - b));

function push(columns: SampleColumns, time: number, value: number): void {
  columns.pushFloat(time, new Uint32Array(Float64Array.of(value).buffer), 0);
}

test("mergeRuns() sorts by time, and keeps the first run's sample if the runs have samples with the same time", () => {
  fc.assert(
    fc.property(run, run, (first, second) => {
      const columns = new SampleColumns(1);
      for (const time of first) push(columns, time, 1);
      for (const time of second) push(columns, time, 2);
      mergeRuns(columns, first.length, new SampleColumns(1));
      const expected = new Map([
        ...second.map((time) => [time, 2] as const),
        ...first.map((time) => [time, 1] as const),
      ]);
      const found = Array.from({ length: columns.count }, (_, i) => [columns.timestamps[i]!, columns.values[i]!]);
      expect(found).toEqual([...expected].sort(([a], [b]) => a - b));
    }),
  );
});

test("mergeRuns() makes the counter reset of a histogram unknown after a sample of the other run, but not for gauges", () => {
  const columns = new SampleColumns(1);
  for (const time of [1, 2, 5]) columns.pushHistogram(time, histogramOf(1, { resetHint: "not-reset" }));
  for (const time of [3, 4]) columns.pushHistogram(time, histogramOf(1, { resetHint: "not-reset" }));
  mergeRuns(columns, 3, new SampleColumns(1));
  const hints = columns.histograms!.map((histogram) => histogram!.resetHint);
  expect(hints).toEqual(["not-reset", "not-reset", "unknown", "not-reset", "unknown"]);
  const behind = new SampleColumns(1);
  behind.pushHistogram(1, histogramOf(1, { resetHint: "not-reset" }));
  behind.pushHistogram(2, histogramOf(1, { resetHint: "gauge" }));
  mergeRuns(behind, 1, new SampleColumns(1));
  expect(behind.histograms!.map((histogram) => histogram!.resetHint)).toEqual(["not-reset", "gauge"]);
});
