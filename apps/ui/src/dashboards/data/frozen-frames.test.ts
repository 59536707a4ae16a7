import { type Frame, frameToJson, readSource } from "@narthex/dashboards";
import { expect, test } from "vitest";
import { frozenFrames } from "./frozen-frames.ts";

const frame: Frame = {
  refId: "B",
  length: 2,
  fields: [
    { name: "Time", type: "time", values: Float64Array.of(1000, 2000), config: {} },
    { name: "Value", type: "number", labels: { job: "a" }, values: Float64Array.of(1, NaN), config: {} },
  ],
};

const panelOf = (json: object) => readSource({ panels: [{ id: 1, type: "timeseries", ...json }] }).dashboard.panels[0]!;

test("a panel of a snapshot contains its data", () => {
  const panel = panelOf({ targets: [{ refId: "A", queryType: "snapshot", snapshot: [frameToJson(frame)] }] });
  const frames = frozenFrames(panel)!;
  expect(frames.map(frameToJson)).toEqual([frameToJson(frame)]);
});

test("in older snapshots, the fields of a frame contain the values, next to the queries", () => {
  const snapshotData = [
    {
      refId: "A",
      name: "up",
      fields: [
        { name: "Time", type: "time", config: {}, values: [1000] },
        { name: "Value", type: "number", config: { unit: "s" }, values: [7] },
      ],
    },
  ];
  const [read] = frozenFrames(panelOf({ snapshotData, targets: [{ refId: "A", expr: "up" }] }))!;
  expect(read).toMatchObject({ refId: "A", name: "up", length: 1 });
  expect(read!.fields.map(({ values }) => [...(values as Float64Array)])).toEqual([[1000], [7]]);
});

test("panels outside of snapshots contain no data, and an invalid frame is an error", () => {
  expect(frozenFrames(panelOf({ targets: [{ refId: "A", expr: "up" }] }))).toBeUndefined();
  expect(frozenFrames(panelOf({ targets: [{ refId: "A", queryType: "snapshot" }] }))).toEqual([]);
  expect(() => frozenFrames(panelOf({ snapshotData: [7] }))).toThrow();
});

test("the total number of cells in a panel's frames is limited, including those of nested frames", () => {
  const snapshot = [frameToJson(frame), frameToJson(frame)];
  const panel = panelOf({ targets: [{ refId: "A", queryType: "snapshot", snapshot }] });
  expect(frozenFrames(panel, 8)).toHaveLength(2);
  expect(() => frozenFrames(panel, 7)).toThrow("its frames have more than 7 cells");
  const nested: Frame = { length: 1, fields: [{ name: "a", type: "frame", values: [frame], config: {} }] };
  const outer = panelOf({ targets: [{ refId: "A", queryType: "snapshot", snapshot: [frameToJson(nested)] }] });
  expect(frozenFrames(outer, 5)).toHaveLength(1);
  expect(() => frozenFrames(outer, 4)).toThrow("its frames have more than 4 cells");
});
