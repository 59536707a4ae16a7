import { testCases, testSeed } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { simulate } from "./index.ts";

const SEEDS = testCases(80, 160);
const OPERATIONS = 40;
const TIMEOUT_MS = 600_000;
/** Rare kinds, which some sets of seeds lack. The fixed seeds have all of them. */
const RARE = new Set(["flip", "truncate", "endedWithinCalls"]);
/** Kinds that the fixed seeds may lack, too. */
const RAREST = new Set(["readsInParts", "endedByDamage"]);

/** For more and longer runs: `node packages/tsdb/src/testing/run-seeds.ts`. */
test("all promised samples are there after kills, power cuts and disk faults", { timeout: TIMEOUT_MS }, async () => {
  const first = testSeed(0);
  const met: Record<string, number> = {};
  for (let seed = first; seed < first + SEEDS; seed++) {
    const { struck, seed: _, ...counts } = await simulate(seed, OPERATIONS);
    for (const [what, count] of [...Object.entries(counts), ...Object.entries(struck)])
      met[what] = (met[what] ?? 0) + count;
  }
  // A run without a kind of fault does not test it.
  const mayLack = (what: string): boolean => RAREST.has(what) || (first > 0 && RARE.has(what));
  expect(Object.keys(met).filter((what) => met[what] === 0 && !mayLack(what))).toEqual([]);
  expect(met["kills"]! + met["powerCuts"]!).toBeGreaterThan(SEEDS);
});
