import { readPanelSource, verbatim } from "@narthex/dashboards";
import { expect, test } from "vitest";
import { panelRequest } from "../testing/panel-request.ts";
import { panelExploreAddress } from "./explore-address.ts";
import type { PanelRequest } from "./panel/panel-request.ts";

const raw = { from: "now-6h", to: "now" };
const panel = readPanelSource({
  type: "timeseries",
  datasource: { type: "prometheus", uid: "main" },
  targets: [{ refId: "A", expr: 'rate(a{host="$host"}[$__rate_interval]) * $__range_s' }],
  fieldConfig: { defaults: { unit: "bytes" }, overrides: [] },
});

const request = (change: Partial<PanelRequest> = {}): PanelRequest =>
  panelRequest(panel, {
    lookup: (name) => {
      const value = { host: "a", __range_s: "300" }[name];
      return value === undefined ? undefined : verbatim(name, value);
    },
    time: { raw, range: { from: 0, to: 300_000 }, words: "" },
    ...change,
  });

const context = { raw, shown: raw, compare: "1d", zone: "Asia/Tokyo", dashboard: { nowDelay: "" } };

/** Returns the pane of the address that opens a panel in Explore. */
function pane(...args: Parameters<typeof panelExploreAddress>): Record<string, unknown> {
  const params = new URLSearchParams(panelExploreAddress(...args).slice("/explore".length));
  return (JSON.parse(params.get("panes")!) as { a: Record<string, unknown> }).a;
}

test("values replace variables of the dashboard, and variables for the step and the range stay", () => {
  const [query] = pane(request(), context)["queries"] as { expr: string }[];
  expect(query!.expr).toBe('rate(a{host="a"}[$__rate_interval]) * $__range_s');
});

test("Explore shows the range that the panel shows, with the delay of the dashboard", () => {
  const shown = { from: "now-5m", to: "now" };
  expect(pane(request(), { ...context, shown })["range"]).toEqual(shown);
  const delayed = { ...context, dashboard: { nowDelay: "1m" } };
  expect(pane(request(), delayed)["range"]).toEqual({ from: "now-6h", to: "now-1m" });
  const own = { raw: { from: "now-2h", to: "now" }, range: { from: 0, to: 1 }, words: "Last 2 hours" };
  expect(pane(request({ time: own }), { ...delayed, shown })["range"]).toEqual(own.raw);
});

test("Explore gets the unit, the zone of the dashboard, and the comparison if the panel has one", () => {
  expect(pane(request(), context)["narthex"]).toEqual({ compare: "", unit: "bytes", timezone: "Asia/Tokyo" });
  const period = { range: { from: 0, to: 1 }, shiftMs: 1, words: "1 day earlier" };
  const compared = request({ earlier: { period, lookup: () => undefined } });
  expect(pane(compared, context)["narthex"]).toMatchObject({ compare: "1d" });
});
