import { expect, test } from "vitest";
import { exploreAddress } from "../data/explore-address.ts";
import { exploredQueries, queryPanels } from "./explored-queries.ts";

const params = (values: Record<string, string>): URLSearchParams => new URLSearchParams(values);
const raw = { from: "now-1h", to: "now" };
const look = { compare: "", unit: "", timezone: "" };

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
    look,
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
    look,
  });
});

test.each(["", "[", "null", "7", '{"a":7}', '{"a":{"queries":7,"range":{"from":"x","to":[]}}}'])(
  "for panes of %j, no queries are read, and the range is the last hour",
  (panes) => expect(exploredQueries(params({ panes }))).toEqual({ source: "", exprs: [], queries: [], raw, look }),
);

test("the query page shows the queries over the same range, and variables for the step stay", () => {
  const explored = { exprs: ["rate(a[$__rate_interval])", "b[$__range] + $other"], raw, look };
  const settings = { now: 3_600_000, zone: "UTC", scrapeMs: 10_000 };
  expect(queryPanels(explored, settings)).toMatchObject([
    { expr: "rate(a[$__rate_interval])", rangeMs: 3_600_000, endMs: null, raw: null, tab: "graph", scrapeMs: 10_000 },
    { expr: "b[$__range] + $other" },
  ]);
  const past = { ...explored, raw: { from: "1000", to: "61000" } };
  expect(queryPanels(past, settings)[0]).toMatchObject({ rangeMs: 60_000, endMs: 61_000 });
  const delayed = { ...explored, raw: { from: "now-1h", to: "now-1m" } };
  expect(queryPanels(delayed, settings)[0]).toMatchObject({ raw: delayed.raw, rangeMs: 59 * 60_000 });
});

test("the comparison, the unit and the zone of a panel are kept, and invalid ones are left out", () => {
  const kept = { compare: "1d", unit: "bytes", timezone: "Asia/Tokyo" };
  const address = (narthex: object): URLSearchParams =>
    params({ panes: JSON.stringify({ a: { queries: [{ expr: "up" }], range: raw, narthex } }) });
  expect(exploredQueries(address(kept)).look).toEqual(kept);
  const settings = { now: 0, zone: "UTC", scrapeMs: 15_000 };
  const [panel] = queryPanels(exploredQueries(address(kept)), settings);
  expect(panel).toMatchObject({ compare: "1d", unit: "bytes", zone: "Asia/Tokyo" });
  expect(exploredQueries(address({ compare: "soon", unit: {}, timezone: "Mars" })).look).toEqual(look);
});
