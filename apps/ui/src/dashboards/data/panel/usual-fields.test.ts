import { readPanelSource, withUsualFields } from "@narthex/dashboards";
import { expect, test } from "vitest";

const defaultsOf = (type: string, defaults: object) =>
  withUsualFields(readPanelSource({ id: 1, type, fieldConfig: { defaults, overrides: [] } })).defaults;

test("withUsualFields() adds missing settings and keeps those of the dashboard", () => {
  expect(defaultsOf("timeseries", {}).color).toEqual({ mode: "palette-classic" });
  expect(defaultsOf("stat", {}).color).toEqual({ mode: "thresholds" });
  expect(defaultsOf("stat", {}).thresholds?.steps.map(({ color }) => color)).toEqual(["green", "red"]);
  const own = { color: { mode: "fixed", fixedColor: "blue" }, thresholds: { mode: "absolute", steps: [] } };
  expect(defaultsOf("timeseries", own)).toEqual(own);
});
