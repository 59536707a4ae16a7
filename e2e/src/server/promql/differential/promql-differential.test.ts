import { cpSync } from "node:fs";
import { ManualClock, memoryLogger, testCases, testSeed } from "@narthex/runtime/testing";
import { openTsdb } from "@narthex/tsdb";
import { expect, test } from "vitest";
import { appendSeries } from "../../../support/append-series.ts";
import { blocksIn } from "../../../support/data-folder.ts";
import { Random } from "../../../support/random.ts";
import { QueryDifferential } from "./query-differential.ts";
import { SLICE_MS, writtenSlice } from "./query-series.ts";
import { lacks } from "../../../support/requirements.ts";
import { serve } from "../../../support/serving.ts";
import { Workplace } from "../../../support/workplace.ts";

const HOUR = 3_600_000;
const START = 54 * HOUR * 8000;
const HOURS = 6;
/**
 * Seed of the random queries. By default the seed is fixed, so every run sends the same queries. Other seeds find cases
 * that are rarer than one in ten thousand.
 */
const SEED = testSeed();
const QUERIES = Number(process.env["NARTHEX_QUERIES"] ?? testCases(700, 2000));

const CONFIG = "global: {evaluation_interval: 1m}\n";
const FEATURES = "promql-experimental-functions,promql-duration-expr,native-histograms";

test.skipIf(lacks("peers")).each([
  ["names dropped at once", FEATURES, QUERIES],
  ["names dropped at the end", `${FEATURES},promql-delayed-name-removal`, Math.ceil(QUERIES / 4)],
])(
  `generated queries are answered as Prometheus answers them (NARTHEX_SEED=${SEED}), %s`,
  async (_, features, count) => {
    process.stdout.write(`promql differential: NARTHEX_SEED=${SEED} NARTHEX_QUERIES=${QUERIES}, ${features}\n`);
    using workplace = new Workplace();
    await write(workplace.path("ours"));
    expect(blocksIn(workplace.path("ours"))).toHaveLength(2);
    cpSync(workplace.path("ours"), workplace.path("theirs"), { recursive: true });
    const settings = { config: CONFIG, flags: [`--enable-feature=${features}`] };
    await using ours = await serve("narthex", workplace, "ours", settings);
    await using theirs = await serve("prometheus", workplace, "theirs", settings);
    const differential = new QueryDifferential(ours.base, theirs.base, { start: START, end: START + HOURS * HOUR });
    const report = await differential.run(new Random(SEED), count);
    report.known.end(report.failures);
  },
  Math.max(600_000, QUERIES * 100),
);

/**
 * Writes samples into a data folder. Samples of the last two hours are in the write-ahead log, older samples in two
 * blocks.
 */
async function write(dir: string): Promise<void> {
  await using db = await openTsdb(dir, { clock: new ManualClock(START), logger: memoryLogger() });
  for (let slice = 0; slice * SLICE_MS < HOURS * HOUR; slice++) {
    // oxlint-disable no-await-in-loop -- slices are appended in order of time
    await appendSeries(db.appendable, writtenSlice(START, slice));
    await db.maintain();
  }
}
