import type { Steps } from "@narthex/runtime";
import { expect, test } from "vitest";
import { CELLS_A_STEP } from "../column-steps.ts";
import { type Cell, type InfluxSeries, readInfluxqlAnswer } from "./influxql-answer.ts";
import { influxqlFrames } from "./influxql-frames.ts";

const ROWS = 50_000;

/** A column that counts how often a cell is read. */
function countedColumn(reads: { count: number }, cells: readonly Cell[]): readonly Cell[] {
  return new Proxy(cells, {
    get(target, key, receiver): unknown {
      if (typeof key === "string" && key !== "length") reads.count++;
      return Reflect.get(target, key, receiver);
    },
  });
}

function mostReads(steps: Steps<unknown>, reads: { count: number }): number {
  let most = 0;
  for (let isDone = false; !isDone;) {
    reads.count = 0;
    isDone = steps.next().done === true;
    most = Math.max(most, reads.count);
  }
  return most;
}

test.each([
  ["a table of one series", "table", 1, ["time", "a", "b"]],
  ["a table of several series", "table", 3, ["time", "a", "b"]],
  ["frames of series", "time_series", 1, ["time", "a", "b"]],
  ["a listing", "time_series", 1, ["name"]],
] as const)("%s is built in short steps", (_, resultFormat, count, columns) => {
  const reads = { count: 0 };
  for (const cell of [null, 1, "text", true]) {
    const cells = Array.from({ length: ROWS }, (__, row): Cell => (row === 7 ? null : row > 9 ? cell : 5));
    const values = columns.map(() => countedColumn(reads, cells));
    const series = Array.from({ length: count }, (): InfluxSeries => ({
      name: "m",
      tags: { h: "a" },
      columns,
      values,
    }));
    const take = () => undefined;
    const settings = { refId: "A", text: "x", alias: "", resultFormat, intervalMs: 1, maxFrames: 9, take };
    const answer = { series, isCut: false, isPartial: false, messages: [] };
    const most = mostReads(influxqlFrames(answer, settings), reads);
    expect([most > 0, most <= 2 * CELLS_A_STEP]).toEqual([true, true]);
  }
});

test("a series beyond the limit is skipped in short steps, and an object with many keys is refused", () => {
  const read = (results: object) =>
    readInfluxqlAnswer(Buffer.from(JSON.stringify({ results: [results] })), { maxSeries: 1, take: () => undefined });
  const steps = read({ series: [{ columns: [] }, { values: Array.from({ length: ROWS }, () => [1, 2]) }] });
  let count = 0;
  while (steps.next().done !== true) count++;
  expect(count).toBeGreaterThan((2 * ROWS) / CELLS_A_STEP);
  const keys = Object.fromEntries(Array.from({ length: 1001 }, (_, at) => [`k${at}`, 1]));
  expect(() => [...read(keys)]).toThrow("an object has more than 1000 keys");
});
