import type { Frame } from "@narthex/dashboards";
import { expect, test } from "vitest";
import { dividedLabels, logLines } from "./log-lines.ts";

const lines = (order: "Ascending" | "Descending", frames: readonly Frame[], isJsonPretty = false) =>
  logLines(frames, { order, isJsonPretty });

const frame = (labels: readonly object[], texts: readonly string[]): Frame => ({
  length: texts.length,
  fields: [
    { name: "time", type: "time", values: Float64Array.from(texts, (_, at) => at * 1000), config: {} },
    { name: "labels", type: "json", values: labels, config: {} },
    { name: "level", type: "string", values: texts.map(() => "info"), config: {} },
    { name: "Line", type: "string", values: texts, config: {} },
  ],
});

test("lines are sorted by time and show their details", () => {
  const all = [
    frame(
      [
        { job: "a", pod: "1" },
        { job: "a", pod: "2" },
      ],
      ["one", "two"],
    ),
  ];
  expect(lines("Descending", all).map(({ text }) => text)).toEqual(["two", "one"]);
  const ascending = lines("Ascending", all);
  expect(ascending.map(({ text, time }) => [time, text])).toEqual([
    [0, "one"],
    [1000, "two"],
  ]);
  expect(ascending[0]!.details).toEqual([["level", "info"]]);
  const { common, uniqueOf } = dividedLabels(ascending);
  expect(common).toBe('{job="a"}');
  expect(ascending.map(uniqueOf)).toEqual(['{pod="1"}', '{pod="2"}']);
});

test("without a known field name the first text field is used, and a frame without texts has no lines", () => {
  const text = { name: "any", type: "string", values: ["x", null], labels: { a: "b" }, config: {} } as const;
  expect(
    lines("Ascending", [{ length: 2, fields: [text] }]).map((line) => [line.text, line.time, line.labels]),
  ).toEqual([
    ["x", null, { a: "b" }],
    ["", null, { a: "b" }],
  ]);
  expect(
    lines("Ascending", [
      { length: 1, fields: [{ name: "n", type: "number", values: Float64Array.of(1), config: {} }] },
    ]),
  ).toEqual([]);
});

test("JSON lines are formatted on several lines, others are shown unchanged", () => {
  const texts = ['{"a":[1]}', "{not json", "plain"];
  const all = [frame([{}, {}, {}], texts)];
  expect(lines("Ascending", all, true).map(({ text }) => text)).toEqual([
    '{\n  "a": [\n    1\n  ]\n}',
    "{not json",
    "plain",
  ]);
  expect(lines("Ascending", all).map(({ text }) => text)).toEqual(texts);
});

test("a line keeps its key if others are added before it, and equal lines have different keys", () => {
  const before = lines("Descending", [frame([{}, {}, {}], ["a", "b", "b"])]);
  const after = lines("Descending", [frame([{}, {}, {}, {}], ["a", "b", "b", "new"])]);
  expect(after.slice(1).map(({ key }) => key)).toEqual(before.map(({ key }) => key));
  const twice = [frame([{}], ["same"]), frame([{}], ["same"])];
  expect(new Set(lines("Ascending", twice).map(({ key }) => key)).size).toBe(2);
});
