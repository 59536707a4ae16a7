import { cpSync } from "node:fs";
import { ManualClock, memoryLogger, testCases, testSeed } from "@narthex/runtime/testing";
import { openTsdb } from "@narthex/tsdb";
import { test } from "vitest";
import { appendSeries } from "../../../support/append-series.ts";
import { Random } from "../../../support/random.ts";
import { type KnownDifference, KnownDifferences } from "../../../support/known-differences.ts";
import { QueryGrammar } from "./query-grammar.ts";
import { SLICE_MS, writtenSlice } from "./query-series.ts";
import { printQuery } from "./query-tree.ts";
import { lacks } from "../../../support/requirements.ts";
import { serve, type Served } from "../../../support/serving.ts";
import { Workplace } from "../../../support/workplace.ts";

const HOUR = 3_600_000;
const START = 54 * HOUR * 8000;
const HOURS = 6;
const SEED = testSeed();
const QUERIES = Number(process.env["NARTHEX_QUERIES"] ?? testCases(120, 300));
const LIMIT = 60;
const FEATURES = "promql-experimental-functions,promql-duration-expr,native-histograms,promql-per-step-stats";

/**
 * Returns the operands of a query's subqueries as text. Some text to the left of an operand is included, because a
 * function name there may belong to it.
 */
function subqueried(query: string): string[] {
  const text = query.replaceAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/g, '""');
  return [...text.matchAll(/\[[^\]]*:[^\]]*\]/g)].map(({ index }) => {
    let depth = 0;
    let from = index;
    for (; from > 0; from--) {
      const sign = text[from - 1]!;
      if (sign === ")" || sign === "}") depth++;
      else if (depth === 0 && !/[\w\s:]/.test(sign)) break;
      else if (sign === "(" || sign === "{") depth--;
    }
    return text.slice(from, index);
  });
}

interface QueryRequest {
  readonly path: "query" | "query_range";
  readonly text: string;
  /** Step of the range query in seconds; 0 for an instant query. */
  readonly step: number;
  readonly fields: Readonly<Record<string, string>>;
}

/** The query statistics, or the errors, of our server and Prometheus for one query. */
interface StatsDifference {
  readonly request: QueryRequest;
  readonly ours: unknown;
  readonly theirs: unknown;
}

const RULES: readonly (readonly [reason: string, share: number, applies: (query: string, step: number) => boolean])[] =
  [
    [
      "histograms lose their buckets where only totals are wanted",
      0.025,
      (query) => /histogram_(sum|count|avg)\(/.test(query),
    ],
    ["info() selects otherwise", 0.008, (query) => query.includes("info(")],
    [
      "histograms that leave a window are given back",
      0.05,
      (query, step) =>
        // Whether a range selector is evaluated at several steps, which happens in a subquery even for an instant
        // query.
        (step > 0 ? [query] : subqueried(query)).some((part) => part.includes("[")) &&
        /both_kinds|clash|custom_|sizes|_seconds|unknown_sum/.test(query),
    ],
    [
      "timestamp() of a pinned selector is evaluated once",
      0.002,
      (query, step) => step > 0 && /timestamp\(.*@/.test(query),
    ],
    [
      "a pinned subquery is evaluated to the query's end if another argument changes from step to step",
      0.002,
      (query, step) =>
        step > 0 &&
        /\b(?:predict_linear|quantile_over_time|double_exponential_smoothing)\(/.test(query) &&
        /:[^\]]*\][^,]*@/.test(query),
    ],
    [
      "these series come in the order of a hash map",
      0.002,
      (query) => subqueried(query).some((part) => /topk|bottomk|limitk|limit_ratio|count_values/.test(part)),
    ],
    [
      "subqueries end with the last step of what they are within",
      0.006,
      (query, step) => (step === 61 ? [query] : subqueried(query)).some((part) => /:[^\]]*\]/.test(part)),
    ],
  ];

/**
 * Accepted differences of query statistics: numbers that changed after Prometheus 3.5 or are random, with the reason.
 */
const KNOWN: readonly KnownDifference<StatsDifference>[] = RULES.map(([reason, share, applies]) => ({
  reason,
  since: "3.6",
  share,
  applies: ({ request: { text, step } }) => applies(text, step),
}));

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data?: { readonly stats?: { readonly samples: Readonly<Record<string, unknown>> } };
}

function* queryRequests(random: Random, count: number): Generator<QueryRequest> {
  const grammar = new QueryGrammar(random);
  for (let i = 0; i < count; i++) {
    const text = printQuery(grammar.query());
    const start = START / 1000 + 3600 + random.below(280) * 60;
    const step = random.chance(40) ? 0 : random.pick([15, 30, 60, 61]);
    const times: Record<string, string> =
      step === 0
        ? { time: String(start) }
        : { start: String(start), end: String(start + 60 * random.below(12)), step: String(step) };
    yield { text, step, path: step === 0 ? "query" : "query_range", fields: { query: text, ...times } };
  }
}

async function sendQuery(
  base: string,
  { path, fields }: QueryRequest,
  more: Readonly<Record<string, string>>,
): Promise<Answer> {
  const body = new URLSearchParams({ ...fields, ...more });
  return (await (await fetch(`${base}/api/v1/${path}`, { method: "POST", body })).json()) as Answer;
}

/** Starts our server and Prometheus on equal data: six hours of floats and histograms. */
async function both(
  workplace: Workplace,
  flags: readonly string[],
  run: (bases: string[]) => Promise<void>,
): Promise<void> {
  {
    await using db = await openTsdb(workplace.path("ours"), { clock: new ManualClock(START), logger: memoryLogger() });
    for (let slice = 0; slice * SLICE_MS < HOURS * HOUR; slice++) {
      // oxlint-disable no-await-in-loop -- slices are appended in order of time
      await appendSeries(db.appendable, writtenSlice(START, slice));
      await db.maintain();
    }
  }
  cpSync(workplace.path("ours"), workplace.path("theirs"), { recursive: true });
  const config = "global: {evaluation_interval: 1m}\n";
  const settings = { config, flags: [`--enable-feature=${FEATURES}`, ...flags] };
  await using ours: Served = await serve("narthex", workplace, "ours", settings);
  await using theirs: Served = await serve("prometheus", workplace, "theirs", settings);
  await run([ours.base, theirs.base]);
}

test.skipIf(lacks("peers"))(
  `samples are counted as Prometheus counts them, at every step (NARTHEX_SEED=${SEED})`,
  async () => {
    using workplace = new Workplace();
    await both(workplace, [], async (bases) => {
      const known = new KnownDifferences<StatsDifference>("query statistics", KNOWN, { successful: 0.8 });
      const differing: unknown[] = [];
      for (const request of queryRequests(new Random(SEED), QUERIES)) {
        const answers = await Promise.all(bases.map((base) => sendQuery(base, request, { stats: "all" })));
        if (answers.some(({ status }) => status !== "success")) {
          known.compare([]);
          continue;
        }
        const [own, peer] = answers.map(({ data }) => {
          // The numbers of read samples are removed, because Prometheus reports them only since 3.6.
          const { samplesRead: _read, samplesReadPerStep: _steps, ...samples } = data!.stats!.samples;
          return samples;
        });
        const isSame = JSON.stringify(own) === JSON.stringify(peer);
        differing.push(...known.compare(isSame ? [] : [{ request, ours: own, theirs: peer }], ["successful"]));
      }
      known.end(differing.map((one) => JSON.stringify(one)));
    });
  },
  Math.max(600_000, QUERIES * 200),
);

test.skipIf(lacks("peers"))(
  `--query.max-samples aborts the same queries (NARTHEX_SEED=${SEED})`,
  async () => {
    using workplace = new Workplace();
    await both(workplace, [`--query.max-samples=${LIMIT}`], async (bases) => {
      const tooMany = "query processing would load too many samples into memory in query execution";
      const known = new KnownDifferences<StatsDifference>("query limit", KNOWN, { ended: 0.2 });
      const differing: unknown[] = [];
      for (const request of queryRequests(new Random(SEED + 1), QUERIES)) {
        const [own, peer] = await Promise.all(bases.map((base) => sendQuery(base, request, {})));
        // Accepts different errors, because a query may have two mistakes, of which each server reports one.
        const otherwise = [own, peer].some((answer) => answer!.status === "error" && answer!.error !== tooMany);
        const isSame = otherwise || own!.error === peer!.error;
        const difference = { request, ours: own!.error, theirs: peer!.error };
        differing.push(...known.compare(isSame ? [] : [difference], peer!.error === tooMany ? ["ended"] : []));
      }
      known.end(differing.map((one) => JSON.stringify(one)));
    });
  },
  Math.max(600_000, QUERIES * 200),
);
