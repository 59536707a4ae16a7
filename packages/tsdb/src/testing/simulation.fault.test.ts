import { testCases, testSeed } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { simulate } from "./index.ts";

const SEEDS = testCases(80, 160);
const OPERATIONS = 40;
const TIMEOUT_MS = 600_000;
/** A run in which a thread ends, which the other fixed seeds do not produce. */
const SEED_WITH_ENDED_THREAD = 1119;
/** Rare kinds of events, which random seeds may not produce. The fixed seeds produce all of them. */
const RARE = new Set(["flip", "truncate", "endedWithinCalls"]);
/** Kinds of events that even the fixed seeds may not produce. */
const RAREST = new Set(["readsInParts", "endedByDamage"]);

/** Runs the simulation for some seeds. For more and longer runs: `node packages/tsdb/src/testing/run-seeds.ts`. */
test("all promised samples are there after kills, power cuts and disk faults", { timeout: TIMEOUT_MS }, async () => {
  const first = testSeed(0);
  const met: Record<string, number> = {};
  const seeds = Array.from({ length: SEEDS }, (_, i) => first + i);
  for (const seed of [...seeds, SEED_WITH_ENDED_THREAD]) {
    const { faults, seed: _, ...counts } = await simulate(seed, OPERATIONS);
    for (const [what, count] of [...Object.entries(counts), ...Object.entries(faults)])
      met[what] = (met[what] ?? 0) + count;
  }
  // All runs together must have every kind of fault. Otherwise the test would not cover the missing kind.
  const mayLack = (what: string): boolean => RAREST.has(what) || (first > 0 && RARE.has(what));
  expect(Object.keys(met).filter((what) => met[what] === 0 && !mayLack(what))).toEqual([]);
  expect(met["kills"]! + met["powerCuts"]!).toBeGreaterThan(SEEDS);
});
