import { expect, test } from "vitest";
import type { Frame } from "../frame/frame.ts";
import type { Transformation } from "../model/dashboard.ts";
import { numbers, plain, strings, table, times } from "../testing/frames.ts";
import { transformFrames } from "./transform-frames.ts";

const run = (id: string, options: unknown, frames: readonly Frame[]): readonly Frame[] =>
  transformFrames(frames, [{ id, disabled: false, options: options as Transformation["options"] }]);

const series = (host: string, values: readonly number[], refId = "A"): Frame =>
  table([times(values.map((_, row) => row)), numbers("Value", values, { labels: { host, kind: "x" } })], { refId });

test("prepareTimeSeries joins, splits and stacks series", () => {
  const wide = run("prepareTimeSeries", { format: "wide" }, [series("a", [1, 2]), series("b", [3])]);
  expect(wide.map(plain)).toEqual([
    [
      ["Time", "time", 0, 1],
      ["Value", "number", 1, 2],
      ["Value", "number", 3, null],
    ],
  ]);
  const long = table([times([2, 1, 1]), strings("host", ["a", "a", "b"]), numbers("v", [3, 1, 2])]);
  const multi = run("prepareTimeSeries", { format: "multi" }, [long]);
  expect(multi.map(plain)).toEqual([
    [
      ["Time", "time", 1, 2],
      ["v", "number", 1, 3],
    ],
    [
      ["Time", "time", 1],
      ["v", "number", 2],
    ],
  ]);
  expect(multi[0]!.fields[1]!.labels).toEqual({ host: "a" });
  expect(run("prepareTimeSeries", { format: "long" }, wide).map(plain)).toEqual([
    [
      ["Time", "time", 0, 0, 1, 1],
      ["host", "string", "a", "b", "a", "b"],
      ["kind", "string", "x", "x", "x", "x"],
      ["Value", "number", 1, 3, 2, null],
    ],
  ]);
});

test("joinByLabels makes a column for each value of a label", () => {
  const of = (host: string, stat: string, value: number): Frame =>
    table([times([1]), numbers("Value", [value], { labels: { host, stat } })]);
  const frames = [of("a", "p50", 1), of("a", "p99", 2), of("b", "p50", 3)];
  expect(run("joinByLabels", { value: "stat" }, frames).map(plain)).toEqual([
    [
      ["host", "string", "a", "b"],
      ["p50", "number", 1, 3],
      ["p99", "number", 2, null],
    ],
  ]);
  expect(run("joinByLabels", { value: "nope" }, frames)[0]!.meta!.notices![0]!.text).toContain(
    'no series has the label "nope"',
  );
});

test.each([
  [
    "json",
    {},
    '{"a":1,"b":{"c":"x"}}',
    [
      ["a", "number", 1],
      ["b", "json", { c: "x" }],
    ],
  ],
  [
    "json",
    { jsonPaths: [{ path: "b.c", alias: "c" }, { path: "d[0]" }] },
    '{"b":{"c":"x"}}',
    [
      ["c", "string", "x"],
      ["d[0]", "string", "Not Found"],
    ],
  ],
  [
    "kvp",
    {},
    `level=warn msg="slow \\"query\\"" took: 5ms flag`,
    [
      ["level", "string", "warn"],
      ["msg", "string", 'slow "query"'],
      ["took", "string", "5ms"],
      ["flag", "string", ""],
    ],
  ],
  [
    "delimiter",
    { delimiter: "," },
    "x, y",
    [
      ["x", "number", 1],
      ["y", "number", 1],
    ],
  ],
  [
    "regexp",
    { regExp: "/(?<host>\\w+):(?<port>\\d+)/" },
    "web:80",
    [
      ["host", "string", "web"],
      ["port", "string", "80"],
    ],
  ],
  ["auto", {}, "a=1", [["a", "string", "1"]]],
  ["json", {}, "no json", []],
])("extractFields reads %s", (format, options, text, columns) => {
  const frames = run("extractFields", { source: "line", format, replace: true, ...options }, [
    table([strings("line", [text])]),
  ]);
  expect(plain(frames[0]!)).toEqual(columns);
});

test("extractFields keeps the other columns", () => {
  const [frame] = run("extractFields", { source: "line", format: "json" }, [
    table([times([5]), strings("line", ['{"a":true}'])]),
  ]);
  expect(frame!.fields.map(({ name }) => name)).toEqual(["Time", "line", "a"]);
});

const settings = table([
  strings("name", ["cpu", "mem"]),
  numbers("v", [1, 2]),
  numbers("max", [100, 64]),
  strings("unit", ["percent", "bytes"]),
  strings("team", ["x", "y"]),
]);

test("rowsToFields makes a field of each row, with its settings and labels", () => {
  const [frame] = run("rowsToFields", {}, [settings]);
  expect(plain(frame!)).toEqual([
    ["cpu", "number", 1],
    ["mem", "number", 2],
  ]);
  expect(frame!.fields[1]).toMatchObject({ config: { max: 64, unit: "bytes" }, labels: { team: "y" } });
  const mapped = run(
    "rowsToFields",
    {
      mappings: [
        { fieldName: "team", handlerKey: "field.name" },
        { fieldName: "max", handlerKey: "threshold1", handlerArguments: { threshold: { color: "blue" } } },
      ],
    },
    [settings],
  );
  expect(mapped[0]!.fields[0]).toMatchObject({
    name: "x",
    config: { thresholds: { steps: [{ value: 100, color: "blue" }] } },
  });
});

test("configFromData applies settings from another query's answer", () => {
  const config = table([numbers("max", [5, 9]), strings("text", ["a", "b"]), numbers("code", [0, 1])], {
    refId: "config",
  });
  const options = {
    mappings: [
      { fieldName: "max", handlerKey: "max", reducerId: "max" },
      { fieldName: "code", handlerKey: "mappings.value" },
      { fieldName: "text", handlerKey: "mappings.text" },
    ],
  };
  const [frame, ...others] = run("configFromData", options, [series("a", [1]), config]);
  expect(others).toEqual([]);
  expect(frame!.fields[0]!.config).toEqual({});
  expect(frame!.fields[1]!.config).toEqual({
    max: 9,
    mappings: [{ type: "value", options: { 0: { index: 0, text: "a" }, 1: { index: 1, text: "b" } } }],
  });
});

test("timeSeriesTable makes a row for each series", () => {
  const [frame] = run("timeSeriesTable", { A: { stat: "max" } }, [series("a", [1, 5, 2]), series("b", [3])]);
  expect(frame!.fields.map(({ name, type }) => [name, type])).toEqual([
    ["host", "string"],
    ["kind", "string"],
    ["Trend #A", "frame"],
  ]);
  const trends = frame!.fields[2]!.values as readonly Frame[];
  expect(trends.map(({ length, meta }) => [length, meta!.custom!["value"]])).toEqual([
    [3, 5],
    [1, 3],
  ]);
});

test("partitionByValues splits a table", () => {
  const frame = table([strings("host", ["a", "b", "a"]), numbers("v", [1, 2, 3])], { name: "t" });
  const parts = run("partitionByValues", { fields: ["host"] }, [frame]);
  expect(parts.map(plain)).toEqual([[["v", "number", 1, 3]], [["v", "number", 2]]]);
  expect(parts.map(({ fields }) => fields[0]!.labels)).toEqual([{ host: "a" }, { host: "b" }]);
  const named = run(
    "partitionByValues",
    { fields: ["host"], keepFields: true, naming: { asLabels: false, withNames: true, append: true } },
    [frame],
  );
  expect(named.map(({ name, fields }) => [name, fields.length])).toEqual([
    ["t host=a", 2],
    ["t host=b", 2],
  ]);
});

test("heatmap counts values by time and value", () => {
  const frame = table([times([0, 1000, 2000, 3000]), numbers("v", [1, 2, 11, null])]);
  const [cells] = run("heatmap", { xBuckets: { mode: "size", value: "2s" }, yBuckets: { mode: "size", value: "10" } }, [
    frame,
  ]);
  expect(plain(cells!)).toEqual([
    ["xMin", "time", 0, 0, 2000, 2000],
    ["yMin", "number", 0, 10, 0, 10],
    ["Count", "number", 2, 0, 0, 1],
  ]);
  const [log] = run(
    "heatmap",
    { xBuckets: { mode: "size", value: "1m" }, yBuckets: { scale: { type: "log", log: 10 } } },
    [frame],
  );
  expect(plain(log!)).toEqual([
    ["xMin", "time", 0, 0],
    ["yMin", "number", 1, 10],
    ["Count", "number", 2, 1],
  ]);
  expect(run("heatmap", {}, [table([strings("x", ["y"])])])[0]!.meta!.notices).toHaveLength(1);
});

test("regression finds the line and the parabola through the values", () => {
  const xs = Array.from({ length: 20 }, (_, i) => 1_700_000_000_000 + i * 60_000);
  const y = (x: number): number => ((x - xs[0]!) / 60_000 - 7) ** 2;
  const frame = table([times(xs), numbers("v", xs.map(y))]);
  const options = { xFieldName: "Time", yFieldName: "v", predictionCount: 10, modelType: "polynomial", degree: 2 };
  const predicted = run("regression", options, [frame])[1]!;
  const [points, values] = predicted.fields as unknown as [{ values: Float64Array }, { values: Float64Array }];
  points.values.forEach((x, i) => expect(values.values[i]).toBeCloseTo(y(x), 6));
  const line = table([numbers("x", [0, 1, 2]), numbers("v", [1, 3, 5])]);
  expect(plain(run("regression", { xFieldName: "x", yFieldName: "v", predictionCount: 2 }, [line])[1]!)).toEqual([
    ["x", "number", 0, 2],
    ["v predicted", "number", 1, 5],
  ]);
});

test("smoothing averages noise out", () => {
  const wave = Array.from({ length: 400 }, (_, i) => Math.sin(i / 60) + (i % 2 === 0 ? 0.5 : -0.5));
  const [frame] = run("smoothing", { resolution: 100 }, [series("a", wave)]);
  expect([frame!.length, frame!.name, frame!.fields[1]!.name]).toEqual([100, "Data (smoothed)", "Value (smoothed)"]);
  const values = frame!.fields[1]!.values as Float64Array;
  expect(Math.max(...values.slice(1).map((value, i) => Math.abs(value - values[i]!)))).toBeLessThan(0.2);
});

test("convertFrameType marks exemplars", () => {
  const [frame] = run("convertFrameType", { targetType: "exemplar" }, [series("a", [1])]);
  expect([frame!.name, frame!.meta]).toEqual(["exemplar", { type: "annotations", custom: { resultType: "exemplar" } }]);
});

test("timeSeriesTable accepts a frame with more columns than a call may have arguments", () => {
  const many = table([times([1]), ...Array.from({ length: 200_000 }, () => numbers("x", [1]))], { refId: "A" });
  const [frame] = transformFrames([many], [{ id: "timeSeriesTable", disabled: false, options: {} }], { maxCells: 1e9 });
  expect(frame!.length).toBe(200_000);
});

test("settings from data do not read a number with a unit", () => {
  const config = table([strings("max", ["10%"]), strings("min", ["2"])], { refId: "config" });
  const data = table([numbers("x", [1])], { refId: "A" });
  const steps = [{ id: "configFromData", disabled: false, options: { configRefId: "config" } }];
  expect(transformFrames([data, config], steps)[0]!.fields[0]!.config).toEqual({ min: 2 });
});
