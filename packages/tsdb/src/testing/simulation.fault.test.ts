import { testCases, testSeed } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { simulate } from "./index.ts";

const SEEDS = testCases(80, 160);
const OPERATIONS = 40;
const GROUPS = 10;
const TIMEOUT_MS = 120_000;

/** More and longer runs by hand: `node packages/tsdb/src/testing/run-seeds.ts`. */
test.for(Array.from({ length: GROUPS }, (_, i) => i))(
  "everything promised is there after kills, power cuts and disk faults (seeds of group %i)",
  { timeout: TIMEOUT_MS },
  async (group) => {
    const first = testSeed(0) + group;
    let crashes = 0;
    for (let seed = first; seed < first + SEEDS; seed += GROUPS) {
      const { kills, powerCuts } = await simulate(seed, OPERATIONS);
      crashes += kills + powerCuts;
    }
    expect(crashes).toBeGreaterThan(SEEDS / GROUPS);
  },
);

/** Each broke a promise once; the description says how. */
test.for([
  [49971176, 40, "a chunk file that could not be read for a moment was the only copy of samples"],
  [320835819, 40, "a flipped bit of the file `unsynced` left a segment of the log in the page cache"],
  [49971240, 120, "a power cut undid a deletion that the process before had not ended"],
  [700025, 120, "a deletion that was refused took effect at a power cut"],
] as const)("seed %i at %i operations keeps its promises: %s", { timeout: TIMEOUT_MS }, async ([seed, operations]) => {
  const { comparisons } = await simulate(seed, operations);
  expect(comparisons).toBeGreaterThan(0);
});
