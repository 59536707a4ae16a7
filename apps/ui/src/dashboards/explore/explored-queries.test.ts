import { expect, test } from "vitest";
import { exploreAddress } from "../data/explore-address.ts";
import { exploredQueries, queryPanels } from "./explored-queries.ts";

const params = (values: Record<string, string>): URLSearchParams => new URLSearchParams(values);
const raw = { from: "now-1h", to: "now" };

test("reading an Explore address returns the queries from which it was made", () => {
  const address = exploreAddress({
    queries: [{ refId: "A", datasource: { type: "prometheus", uid: "main" }, source: { expr: 'up{job="a&b"}' } }],
    raw: { from: "1000", to: "2000" },
  });
  expect(address).toMatch(/^\/explore\?/);
  expect(exploredQueries(new URLSearchParams(address.slice("/explore".length)))).toEqual({
    source: "main",
    exprs: ['up{job="a&b"}'],
    queries: [{ refId: "A", datasource: { type: "prometheus", uid: "main" }, expr: 'up{job="a&b"}' }],
    raw: { from: "1000", to: "2000" },
  });
});

test.each([
  ["an object", { datasource: "Main", queries: [{ expr: "up" }, { expr: "down", hide: true }], range: raw }],
  ["a list", ["now-1h", "now", "Main", { expr: "up" }]],
])("queries are read from an old address that contains %s", (_name, left) => {
  expect(exploredQueries(params({ left: JSON.stringify(left) }))).toEqual({
    source: "Main",
    exprs: ["up"],
    queries: [{ expr: "up" }],
    raw,
  });
});

test.each(["", "[", "null", "7", '{"a":7}', '{"a":{"queries":7,"range":{"from":"x","to":[]}}}'])(
  "for panes of %j, no queries are read, and the range is the last hour",
  (panes) => expect(exploredQueries(params({ panes }))).toEqual({ source: "", exprs: [], queries: [], raw }),
);

test("the query page shows the queries over the same range, and durations replace variables for the step", () => {
  const explored = { exprs: ["rate(a[$__rate_interval])", "b[$__range] + $other"], raw };
  const panels = queryPanels(explored, { now: 3_600_000, zone: "UTC", scrapeMs: 15_000 });
  expect(panels).toMatchObject([
    { expr: "rate(a[1m])", rangeMs: 3_600_000, endMs: null, tab: "graph" },
    { expr: "b[3600s] + $other" },
  ]);
  const past = { ...explored, raw: { from: "1000", to: "61000" } };
  expect(queryPanels(past, { now: 3_600_000, zone: "UTC", scrapeMs: 15_000 })[0]).toMatchObject({
    rangeMs: 60_000,
    endMs: 61_000,
  });
});
