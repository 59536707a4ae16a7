import { earlierPeriod } from "@narthex/dashboards";
import { expect, test, vi } from "vitest";
import type { DataSource, TimeGrid } from "../../datasource/data-source.ts";
import { TimeSlice } from "../../time/time-slice.ts";
import { earlierLines, earlierResult } from "./earlier-lines.ts";
import { plotData } from "./plot-data.ts";

const grid: TimeGrid = { start: 100_000, end: 100_020, step: 10 };
const period = earlierPeriod("1h", { from: 100_000_000, to: 100_020_000 }, { now: 100_020_000, zone: "UTC" })!;
const { signal } = new AbortController();

const series = (x: string, start: number, ...values: readonly number[]) => ({
  metric: { x },
  values: values.map((value, at) => [start + 10 * at, String(value)] as const),
});

const sourceOf = (queryRange: DataSource["queryRange"]): DataSource => ({ queryRange }) as DataSource;

const answered = (...result: readonly ReturnType<typeof series>[]) =>
  vi.fn<DataSource["queryRange"]>(() =>
    Promise.resolve({ data: { resultType: "matrix", result }, warnings: [], infos: [], elapsedMs: 1 }),
  );

test("an earlier period is queried over the same grid, and its lines have the times and colours of the present ones", async () => {
  const queryRange = answered(series("gone", 96_400, 1, 1, 1), series("b", 96_400, 5, 6, 7));
  const result = await earlierResult(sourceOf(queryRange), "up", grid, period, signal);
  expect(queryRange.mock.calls[0]!.slice(0, 2)).toEqual(["up", { start: 96_400, end: 96_420, step: 10 }]);
  const present = await plotData([series("a", 100_000, 1, 2, 3), series("b", 100_000, 4, 5, 6)], grid);
  const { lines, warnings } = await earlierLines(result, present, new TimeSlice());
  expect(warnings).toEqual([]);
  expect(lines.map(({ values, note }) => [values, note])).toEqual([
    [[5, 6, 7], "1 hour earlier"],
    [[1, 1, 1], "1 hour earlier"],
  ]);
  expect(lines[0]!.color).toBe(present.lines[1]!.color);
  expect(present.lines.map(({ color }) => color)).not.toContain(lines[1]!.color);
  expect(present.lines.map(({ key }) => key)).not.toContain(lines[0]!.key);
});

test("if the earlier period cannot be queried, there is a warning instead of lines", async () => {
  const source = sourceOf(() => Promise.reject(new Error("too old")));
  const result = await earlierResult(source, "up", grid, period, signal);
  const { lines, warnings } = await earlierLines(result, { times: [], lines: [] }, new TimeSlice());
  expect([lines, warnings]).toEqual([[], ["The earlier period (1 hour earlier) cannot be shown: too old"]]);
});

test("a cancelled query has no warning", async () => {
  const controller = new AbortController();
  controller.abort(new Error("cancelled"));
  const source = sourceOf(() => Promise.reject(new Error("aborted")));
  await expect(earlierResult(source, "up", grid, period, controller.signal)).rejects.toThrow("cancelled");
});
