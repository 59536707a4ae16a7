import type { Frame } from "@narthex/dashboards";
import { expect, test } from "vitest";
import { FollowedLines } from "./followed-lines.ts";

const START = 1_700_000_000_000;

/** Returns a frame with a line for each time, in ms after the start. The id of a line is its time. */
function frame(times: readonly number[], refId = "A"): Frame {
  const ids = times.map((time) => `${time}`);
  return {
    refId,
    length: times.length,
    fields: [
      { name: "Time", type: "time", values: Float64Array.from(times, (time) => START + time), config: {} },
      { name: "Line", type: "string", values: ids.map((id) => `line ${id}`), config: {} },
      { name: "id", type: "string", values: ids, config: {} },
    ],
  };
}

const texts = (frames: readonly Frame[]): readonly unknown[] =>
  frames.flatMap(({ fields, length }) => Array.from({ length }, (_, row) => fields[1]!.values[row]));

const never = new AbortController().signal;

test("each poll adds the lines that no earlier answer has, also those that arrive late", async () => {
  const answers = [[frame([2000, 1000])], [frame([9000, 1500])], [frame([9000, 1500])], []];
  const ranges: unknown[] = [];
  const lines = new FollowedLines(
    (_, { from, to }) => {
      ranges.push([from - START, to - START]);
      return Promise.resolve(answers.shift()!);
    },
    [frame([1000])],
  );
  for (const now of [3000, 10_000, 12_000, 14_000]) await lines.poll([], START + now, never);
  expect(texts(lines.frames)).toEqual(["line 1000", "line 2000", "line 9000", "line 1500"]);
  expect(ranges).toEqual([
    [-9000, 3001],
    [-8000, 10_001],
    [-1000, 12_001],
    [-1000, 14_001],
  ]);
});

test("equal ids of different queries are different lines, and a failed poll keeps the lines", async () => {
  const answers: (readonly Frame[] | Error)[] = [[frame([1000], "B")], new Error("gone")];
  const lines = new FollowedLines(() => {
    const next = answers.shift()!;
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
  }, [frame([1000])]);
  await lines.poll([], START + 2000, never);
  await expect(lines.poll([], START + 4000, never)).rejects.toThrow("gone");
  expect(texts(lines.frames)).toEqual(["line 1000", "line 1000"]);
});

test("the oldest frames are removed when there are more than 5000 lines", async () => {
  let time = 0;
  const lines = new FollowedLines(
    () => Promise.resolve([frame(Array.from({ length: 900 }, () => (time += 20)))]),
    [frame([0])],
  );
  for (let poll = 0; poll < 20; poll++) await lines.poll([], START + time, never);
  expect(texts(lines.frames)).toHaveLength(4500);
  expect(texts(lines.frames).at(-1)).toBe(`line ${time}`);
});
