import { ManualClock, memoryLogger, testCases, testSeed } from "@narthex/runtime/testing";
import { openTsdb } from "@narthex/tsdb";
import { expect, test } from "vitest";
import { appendSeries } from "../../support/append-series.ts";
import { Random } from "../../support/random.ts";
import { serve } from "../../support/serving.ts";
import { Workplace } from "../../support/workplace.ts";
import { QueryGrammar } from "./differential/query-grammar.ts";
import { SLICE_MS, writtenSlice } from "./differential/query-series.ts";
import { printQuery } from "./differential/query-tree.ts";

const HOUR = 3_600_000;
const START = 54 * HOUR * 8000;
const HOURS = 4;
const SEED = testSeed();
const QUERIES = Number(process.env["NARTHEX_QUERIES"] ?? testCases(75, 150));
const FEATURES = "promql-experimental-functions,promql-duration-expr";

interface Part {
  readonly operator: string;
  readonly expression: string;
  readonly measured?: {
    readonly series: number;
    readonly samplesRead: number;
    readonly bytesRead: number;
    readonly selfTime: number;
    readonly threads: readonly { readonly thread: string; readonly workTime?: number }[];
  };
  readonly inputs: readonly Part[];
}

interface Explained {
  readonly query: string;
  readonly analyzed: boolean;
  readonly thread: string;
  readonly resultType: string;
  readonly series: number;
  readonly reason?: string;
  readonly plan: Part;
}

interface Answered {
  readonly resultType: string;
  readonly result: readonly unknown[];
  readonly stats: { readonly samples: { readonly samplesRead: number } };
}

interface Answer<T> {
  readonly status: string;
  readonly error?: string;
  readonly data?: T;
  readonly warnings?: readonly string[];
}

async function post<T>(base: string, path: string, fields: Readonly<Record<string, string>>): Promise<Answer<T>> {
  const body = new URLSearchParams(fields);
  return (await (await fetch(`${base}/api/v1/${path}`, { method: "POST", body })).json()) as Answer<T>;
}

const partsOf = (part: Part): readonly Part[] => [part, ...part.inputs.flatMap(partsOf)];

async function write(dir: string): Promise<void> {
  await using db = await openTsdb(dir, { clock: new ManualClock(START), logger: memoryLogger() });
  for (let slice = 0; slice * SLICE_MS < HOURS * HOUR; slice++) {
    // oxlint-disable no-await-in-loop -- slices are appended in order of time
    await appendSeries(db.appendable, writtenSlice(START, slice));
    await db.maintain();
  }
}

/** Returns the number of series in a query's answer. Returns 1 for an answer that is not a list of series. */
const countOf = ({ resultType, result }: Answered): number => {
  if (resultType === "scalar") return 1;
  return resultType === "string" ? 0 : result.length;
};

test(`generated queries have the same results when they are explained, and the statistics of their parts add up (NARTHEX_SEED=${SEED})`, async () => {
  using workplace = new Workplace();
  await write(workplace.path("data"));
  await using server = await serve("narthex", workplace, "data", {
    config: "global: {evaluation_interval: 1m}\n",
    flags: [`--enable-feature=${FEATURES}`],
  });
  const { base } = server;
  const random = new Random(SEED);
  const grammar = new QueryGrammar(random);
  const differing: unknown[] = [];
  let [compared, empty, decoded] = [0, 0, 0];
  for (let i = 0; i < QUERIES; i++) {
    const query = printQuery(grammar.query());
    const start = START / 1000 + 3600 + random.below(170) * 60;
    const isRange = random.chance(60);
    const times: Record<string, string> = isRange
      ? { start: String(start), end: String(start + 60 * random.below(12)), step: String(random.pick([15, 30, 60])) }
      : { time: String(start) };
    // oxlint-disable-next-line no-await-in-loop -- one query at a time, so that failures are reported in order
    const [plain, explained] = await Promise.all([
      post<Answered>(base, isRange ? "query_range" : "query", { query, ...times, stats: "all" }),
      post<Explained>(base, "narthex/explain", { query, ...times, analyze: "true" }),
    ]);
    if (plain.status !== "success" || explained.status !== "success") {
      if (plain.error !== explained.error)
        differing.push({ query, times, plain: plain.error, explained: explained.error });
      continue;
    }
    compared++;
    const explanation = explained.data!;
    const own = {
      type: explanation.resultType,
      series: explanation.series,
      read: partsOf(explanation.plan).reduce((sum, { measured }) => sum + measured!.samplesRead, 0),
      isEmpty: explanation.reason !== undefined,
      warnings: explained.warnings,
    };
    for (const { measured } of partsOf(explanation.plan)) {
      // Expects a single thread in the report, because no series come from other servers.
      expect(measured!.threads.map(({ thread }) => thread)).toEqual([explanation.thread]);
      expect(measured!.threads[0]!.workTime).toBe(measured!.selfTime);
      if (measured!.bytesRead > 0) decoded++;
    }
    const series = countOf(plain.data!);
    const expected = {
      type: plain.data!.resultType,
      series,
      read: plain.data!.stats.samples.samplesRead,
      isEmpty: series === 0 && own.type !== "string",
      warnings: plain.warnings,
    };
    if (JSON.stringify(own) !== JSON.stringify(expected)) differing.push({ query, times, own, expected });
    if (own.isEmpty) empty++;
  }
  expect(differing).toEqual([]);
  expect(compared).toBeGreaterThan(QUERIES / 2);
  expect(empty).toBeGreaterThan(0);
  expect(decoded).toBeGreaterThan(0);
});
