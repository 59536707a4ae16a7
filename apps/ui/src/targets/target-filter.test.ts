import { expect, test } from "vitest";
import type { ActiveTarget, Health } from "../api/target-data.ts";
import { splitScrapeUrl, targetPools } from "./target-filter.ts";

const target = (scrapePool: string, scrapeUrl: string, health: Health, lastError = ""): ActiveTarget => ({
  scrapePool,
  scrapeUrl,
  health,
  lastError,
  globalUrl: scrapeUrl,
  labels: { job: scrapePool },
  discoveredLabels: {},
  lastScrape: "",
  lastScrapeDuration: 0,
  scrapeInterval: "15s",
  scrapeTimeout: "10s",
});
const targets = [
  target("b", "http://x/1", "up"),
  target("b", "http://x/2", "down", "connection refused"),
  target("a", "http://y/1", "up"),
];

test("pools are sorted, failing targets come first, and counts include all targets", () => {
  const pools = targetPools(targets, { health: [], search: "" });
  expect(pools.map((pool) => pool.name)).toEqual(["a", "b"]);
  expect(pools[1]?.shown.map((one) => one.health)).toEqual(["down", "up"]);
  expect(pools[1]?.counts).toEqual({ up: 1, down: 1, unknown: 0 });
});

test("a target keeps its key when it fails and moves to the front, and equal targets have different keys", () => {
  const sameLabels = [
    target("c", "http://z/1", "up"),
    target("c", "http://z/2", "up"),
    target("c", "http://z/2", "up"),
  ];
  const keysOf = (all: ActiveTarget[]): Map<string, string> =>
    new Map(targetPools(all, { health: [], search: "" })[0]?.shown.map((one) => [one.key, one.scrapeUrl]));
  const before = keysOf(sameLabels);
  expect(before.size).toBe(3);
  const after = keysOf(sameLabels.with(1, target("c", "http://z/2", "down", "connection refused")));
  expect(Array.from(after.values())).toEqual(["http://z/2", "http://z/1", "http://z/2"]);
  expect(new Map(Array.from(after).sort())).toEqual(new Map(Array.from(before).sort()));
});

const shown = (health: Health[], search: string): string[] =>
  targetPools(targets, { health, search }).flatMap((pool) => pool.shown.map((one) => one.scrapeUrl));

test("targets are filtered by health, label, address and error", () => {
  expect(shown(["down"], "")).toEqual(["http://x/2"]);
  expect(shown([], "refused")).toEqual(["http://x/2"]);
  expect(shown([], "job=a")).toEqual(["http://y/1"]);
  expect(shown(["up"], "x/2")).toEqual([]);
});

test("a scrape address is split into its base and its parameters", () => {
  expect(splitScrapeUrl("http://a/probe?module=x&target=b%3A1")).toEqual({
    base: "http://a/probe",
    params: [
      ["module", "x"],
      ["target", "b:1"],
    ],
  });
});
