import { expect, test } from "vitest";
import { localMatchers, mergePairs } from "./external-labels.ts";

const EXTERNAL = ["cluster", "lab", "zone", "z"];

test("matchers that require the value of an external label also accept stored series, which do not have it; other matchers are unchanged", () => {
  const matchers = [
    { type: 0, name: "cluster", value: "lab" },
    { type: 0, name: "zone", value: "y" },
    { type: 2, name: "zone", value: "z" },
    { type: 0, name: "job", value: "" },
  ];
  expect(localMatchers({ start: 0, end: 0, func: "", matchers }, EXTERNAL).map(String)).toEqual([
    'cluster=""',
    'zone="y"',
    'zone=~"z"',
    'job=""',
  ]);
});

test("external labels are merged into the series' own labels, which take precedence", () => {
  expect(mergePairs(["a", "1", "job", "x", "zone", "own"], EXTERNAL)).toEqual([
    "a",
    "1",
    "cluster",
    "lab",
    "job",
    "x",
    "zone",
    "own",
  ]);
  expect(mergePairs([], EXTERNAL)).toEqual(EXTERNAL);
});
