import { expect, test } from "vitest";
import { simulate } from "./index.ts";

const SEEDS = 160;
const OPERATIONS = 40;
const GROUPS = 10;
const TIMEOUT_MS = 120_000;

/** `NARTHEX_SEED=17` runs that one alone, at the length that run-seeds.ts has by default. */
const only = process.env["NARTHEX_SEED"];

test.for(only === undefined ? [] : [Number(only)])(
  "what was promised is there after every crash of seed %i",
  async (seed) => {
    const report = await simulate(seed);
    expect(report.comparisons).toBeGreaterThan(0);
  },
);

test.for(only === undefined ? Array.from({ length: GROUPS }, (_, i) => i) : [])(
  "what was promised is there after kills, power cuts and faults of the disk (seeds of group %i)",
  { timeout: TIMEOUT_MS },
  async (group) => {
    let crashes = 0;
    for (let seed = group; seed < SEEDS; seed += GROUPS) {
      const { kills, powerCuts } = await simulate(seed, OPERATIONS);
      crashes += kills + powerCuts;
    }
    expect(crashes).toBeGreaterThan(SEEDS / GROUPS);
  },
);
