import { expect, test } from "vitest";
import { discoveredPools, labelChanges } from "./discovered-pool.ts";

const data = {
  activeTargets: [
    {
      discoveredLabels: { __address__: "a:1" },
      labels: { instance: "a:1" },
      scrapePool: "p",
      scrapeUrl: "",
      globalUrl: "",
      lastError: "",
      lastScrape: "",
      lastScrapeDuration: 0,
      health: "up" as const,
      scrapeInterval: "",
      scrapeTimeout: "",
    },
  ],
  droppedTargets: [{ discoveredLabels: { __address__: "b:1" }, scrapePool: "p" }],
  droppedTargetCounts: { p: 5 },
};

test("a pool has the number of active and all targets, and of those that are counted but not listed", () => {
  expect(discoveredPools(data, { states: [], search: "" })).toMatchObject([
    { name: "p", active: 1, total: 6, unlisted: 4 },
  ]);
});

test("targets are filtered by state and by labels before and after relabeling", () => {
  expect(discoveredPools(data, { states: ["dropped"], search: "" })[0]?.shown).toHaveLength(1);
  expect(discoveredPools(data, { states: [], search: "instance=a" })[0]?.shown).toHaveLength(1);
  expect(discoveredPools(data, { states: [], search: "nothing" })).toEqual([]);
});

test("a relabeling step shows the change of each label", () => {
  expect(labelChanges({ a: "1", b: "2", c: "3" }, { a: "1", b: "9", d: "4" })).toEqual([
    { name: "a", value: "1", kind: "kept" },
    { name: "b", value: "9", kind: "changed" },
    { name: "c", value: "3", kind: "removed" },
    { name: "d", value: "4", kind: "added" },
  ]);
});
