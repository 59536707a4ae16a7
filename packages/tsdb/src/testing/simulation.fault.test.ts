import { testCases, testSeed } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { simulate } from "./index.ts";

const SEEDS = testCases(80, 160);
const OPERATIONS = 40;
const TIMEOUT_MS = 600_000;
/**
 * Seed with which a worker thread of the database ends during its work. No other fixed seed of the test covers this
 * case.
 */
const SEED_WITH_ENDED_THREAD = 1119;
/**
 * Events that are rare in a simulation. Runs with random seeds may have none of these events; the fixed seeds must have
 * all of them.
 */
const RARE = new Set(["flip", "truncate", "endedWithinCalls"]);
/** Events that are so rare that even runs with the fixed seeds may have none. */
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
  // Requires every kind of fault in at least one run. Otherwise the test would not cover the missing kind.
  const mayLack = (what: string): boolean => RAREST.has(what) || (first > 0 && RARE.has(what));
  expect(Object.keys(met).filter((what) => met[what] === 0 && !mayLack(what))).toEqual([]);
  expect(met["kills"]! + met["powerCuts"]!).toBeGreaterThan(SEEDS);
});
