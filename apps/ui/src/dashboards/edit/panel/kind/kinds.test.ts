import { type Frame, readPanelSource } from "@narthex/dashboards";
import { expect, test } from "vitest";
import { drawnKinds } from "../../../panels/registry.ts";
import { stat } from "../../../panels/stat/index.ts";
import { timeSeries } from "../../../panels/timeseries/index.ts";
import { editedPanel } from "../panel-edit.ts";
import { kindEdits, kindStateOf } from "./change-kind.ts";
import { suggestedKinds } from "./suggest-kinds.ts";

const source = {
  id: 1,
  type: "timeseries",
  title: "T",
  "x-own": true,
  options: { legend: { calcs: ["max"] }, tooltip: { mode: "multi" } },
  fieldConfig: {
    defaults: { unit: "s", custom: { lineWidth: 4 } },
    overrides: [
      {
        matcher: { id: "byName", options: "a" },
        properties: [
          { id: "custom.lineWidth", value: 1 },
          { id: "unit", value: "ms" },
        ],
      },
    ],
  },
};

test("a change of the kind keeps the options that both kinds know, and a change back restores the panel", () => {
  const panel = readPanelSource(source);
  const other = editedPanel(panel, kindEdits(panel, "stat", stat, undefined));
  expect(other.source).toEqual({
    ...source,
    type: "stat",
    options: {},
    fieldConfig: {
      defaults: { unit: "s" },
      overrides: [{ matcher: { id: "byName", options: "a" }, properties: [{ id: "unit", value: "ms" }] }],
    },
  });
  const back = editedPanel(other, kindEdits(other, "timeseries", timeSeries, kindStateOf(panel)));
  expect(back.source).toEqual(source);
});

test("overrides that are set for another kind stay after a change back", () => {
  const panel = readPanelSource(source);
  const other = editedPanel(panel, kindEdits(panel, "stat", stat, undefined));
  const set = editedPanel(other, [
    { path: ["fieldConfig", "overrides", 0, "properties", 0, "value"], value: "h" },
    {
      path: ["fieldConfig", "overrides", 1],
      value: { matcher: { id: "byType", options: "number" }, properties: [{ id: "decimals", value: 2 }] },
    },
  ]);
  const back = editedPanel(set, kindEdits(set, "timeseries", timeSeries, kindStateOf(panel)));
  expect(back.source["fieldConfig"]).toMatchObject({
    overrides: [
      {
        matcher: { id: "byName", options: "a" },
        properties: [
          { id: "unit", value: "h" },
          { id: "custom.lineWidth", value: 1 },
        ],
      },
      { matcher: { id: "byType" }, properties: [{ id: "decimals", value: 2 }] },
    ],
  });
});

const frame = (types: readonly ("time" | "number" | "string")[], length: number): Frame => ({
  length,
  fields: types.map((type, at) =>
    type === "string"
      ? { name: `f${at}`, type, values: Array.from({ length }, () => "x"), config: {} }
      : { name: `f${at}`, type, values: new Float64Array(length), config: {} },
  ),
});

test("suggestedKinds() returns kinds that suit the data", () => {
  expect(suggestedKinds([])).toEqual([]);
  expect(suggestedKinds([frame(["time", "number"], 50)])[0]).toBe("timeseries");
  expect(suggestedKinds([frame(["time", "string"], 50)])[0]).toBe("state-timeline");
  expect(suggestedKinds([frame(["number"], 1)])).not.toContain("timeseries");
  expect(suggestedKinds([frame(["string"], 3)])).toEqual(["table"]);
  const trace = { ...frame(["string", "number"], 3), meta: { preferredVisualisationType: "trace" } };
  expect(suggestedKinds([trace])[0]).toBe("traces");
  const graph = { ...frame(["string"], 3), meta: { preferredVisualisationType: "nodeGraph" } };
  expect(suggestedKinds([graph])[0]).toBe("nodeGraph");
  const [first, second] = frame(["number", "number"], 3).fields;
  const places = {
    length: 3,
    fields: [
      { ...first!, name: "Lat" },
      { ...second!, name: "longitude" },
    ],
  };
  expect(suggestedKinds([places])[0]).toBe("geomap");
});

test("the kinds that are used most are listed first", () =>
  expect(drawnKinds.slice(0, 8).map(({ id }) => id)).toEqual([
    "timeseries",
    "stat",
    "gauge",
    "bargauge",
    "table",
    "barchart",
    "piechart",
    "state-timeline",
  ]));
