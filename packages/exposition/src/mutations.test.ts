import { join } from "node:path";
import { testCases, testSeed } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { corpus } from "./testing/corpus.ts";
import { tryReaders } from "./testing/reader-trial.ts";

const conformance = process.env["NARTHEX_CONFORMANCE"];
const COUNT = testCases(1500, 4000);

/** To test more mutated bodies, run `node packages/exposition/src/testing/run-mutations.ts 1000000`. */
test("no reader hangs, throws another error than its own, or reads memory around a mutated body", () => {
  const first = testSeed();
  const bodies = corpus(conformance === undefined ? undefined : join(conformance, "exposition"));
  let refused = 0;
  for (let seed = first; seed < first + COUNT; seed++) {
    try {
      if (tryReaders(seed, bodies).refused) refused++;
    } catch (cause) {
      throw new Error(`seed ${seed} (NARTHEX_SEED=${seed} tries it first)`, { cause });
    }
  }
  expect(refused).toBeGreaterThan(COUNT / 10);
  expect(refused).toBeLessThan(COUNT);
});
