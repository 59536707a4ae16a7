import { testCases, testSeed } from "@narthex/runtime/testing";
import { test } from "vitest";
import { Random } from "../../../support/random.ts";
import { lacks } from "../../../support/requirements.ts";
import { serve } from "../../../support/serving.ts";
import { SyntaxDifferential } from "./syntax-differential.ts";
import { Workplace } from "../../../support/workplace.ts";

/**
 * Seed of the random PromQL texts. By default the seed is fixed, so every run checks the same texts. Runs with other
 * seeds find rarer cases.
 */
const SEED = testSeed();
const QUERIES = Number(process.env["NARTHEX_QUERIES"] ?? testCases(700, 2000));
const FEATURES = "promql-experimental-functions,promql-duration-expr";

test.skipIf(lacks("peers"))(
  `generated texts, valid and invalid, are parsed as Prometheus parses them (NARTHEX_SEED=${SEED})`,
  async () => {
    process.stdout.write(`promql syntax: NARTHEX_SEED=${SEED} NARTHEX_QUERIES=${QUERIES}\n`);
    using workplace = new Workplace();
    const settings = { config: "global: {scrape_interval: 1h}\n", flags: [`--enable-feature=${FEATURES}`] };
    await using ours = await serve("narthex", workplace, "ours", settings);
    await using theirs = await serve("prometheus", workplace, "theirs", settings);
    const report = await new SyntaxDifferential(ours.base, theirs.base).run(new Random(SEED), QUERIES);
    report.known.end(report.failures);
  },
  Math.max(600_000, QUERIES * 60),
);
