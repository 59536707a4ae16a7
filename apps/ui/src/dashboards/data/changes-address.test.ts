import { readPanelSource, verbatim } from "@narthex/dashboards";
import { expect, test } from "vitest";
import { panelRequest } from "../testing/panel-request.ts";
import { testSource } from "../testing/test-source.ts";
import { panelChangesAddress } from "./changes-address.ts";
import type { PanelRequest } from "./panel/panel-request.ts";

const raw = { from: "now-6h", to: "now" };

const request = (
  targets: readonly Readonly<Record<string, string>>[],
  change: Partial<PanelRequest> = {},
): PanelRequest =>
  panelRequest(
    readPanelSource({
      type: "timeseries",
      datasource: { type: "prometheus", uid: "main" },
      targets: [...targets],
      fieldConfig: { defaults: { unit: "bytes" }, overrides: [] },
    }),
    { lookup: (name) => (name === "host" ? verbatim(name, "a") : undefined), ...change },
  );
const context = { zone: "UTC", compare: "1d" };

test("the page compares the queries of the panel, with the values of variables", () => {
  const targets = [
    { refId: "A", expr: 'up{host="$host"}' },
    { refId: "B", expr: "" },
  ];
  const address = new URL(panelChangesAddress(request(targets), context)!, "http://x");
  expect(address.pathname).toBe("/dashboard/what-changed");
  expect(Object.fromEntries(address.searchParams)).toEqual({
    source: "main",
    expr: 'up{host="a"}',
    unit: "bytes",
    from: "now-6h",
    to: "now",
    timezone: "UTC",
    compare: "1d",
  });
});

test("a panel without a metric query or without a valid range has no such page", () => {
  const targets = [{ refId: "A", expr: "up" }];
  const sources = [testSource({ uid: "main", type: "other" })];
  expect(panelChangesAddress(request([]), context)).toBeUndefined();
  expect(panelChangesAddress(request(targets, { sources }), context)).toBeUndefined();
  const time = { raw, range: undefined, words: "" };
  expect(panelChangesAddress(request(targets, { time }), context)).toBeUndefined();
});
