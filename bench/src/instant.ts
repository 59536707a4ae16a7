import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fillLog } from "./fill-log.ts";
import { rounds, scale } from "./flags.ts";
import { type QueryParams, type Compared, measure, memoryDuring, ratioFigures, warmUp } from "./query-times.ts";
import type { BenchCase, CaseResult } from "./report.ts";
import { prometheusVersion, type Server, startOurs, startPrometheus, startVictoria } from "./servers.ts";

/** Number of series, which NARTHEX_BENCH_SCALE can reduce. */
const SERIES = Math.round(100_000 * scale());
const USUAL_ROUNDS = 3;
const ROUNDS = rounds(USUAL_ROUNDS) * 3;
const WARM_PASSES = 5;
const HOURS = 0.25;

/** Queries over the data of fill-log.ts; many queries read all series. */
const QUERIES: readonly string[] = [
  'count({__name__=~"http_requests_.+"})',
  'count by (__name__) ({__name__=~"http_requests_.+"})',
  'sum by (job) (rate({__name__=~"http_requests_.+"}[5m]))',
  'topk(10, {__name__=~"http_requests_.+"})',
  'avg by (zone) ({zone=~"zone-[01]"})',
  'quantile(0.9, {status="200"})',
  "http_requests_7_total",
  "sum by (status) (increase(http_requests_1_total[10m]))",
  'max by (instance) (max_over_time({job="service-3"}[10m]))',
  'sum by (handler) (rate({method="GET"}[5m])) > 0',
  "http_requests_2_total * on (shard) group_left (zone) http_requests_2_total",
  '{job="service-1", method="POST"} > 1000',
];

/** Measures instant queries over the in-memory head; all programs have the same samples. */
export const instantCase: BenchCase = {
  name: "instant-queries",
  usualRounds: USUAL_ROUNDS,
  async run(): Promise<CaseResult> {
    const folder = mkdtempSync(join(tmpdir(), "narthex-bench-"));
    try {
      await fillLog(join(folder, "log"), SERIES, HOURS);
      const time = String(Math.floor(Date.now() / 1000) - 20);
      await using ours = await startOurs(folder, "log");
      await using peer = await startPrometheus(folder, "log");
      const snapshot = join(folder, "log-theirs/snapshots", await takeSnapshot(peer));
      await using third = new Optional(await startVictoria(folder, snapshot));
      const compared: Compared = { ours, peer, victoria: third.server };
      const queries = QUERIES.map((query): QueryParams => ({
        path: "query",
        parameters: { query, time },
        group: "instant",
      }));
      await warmUp(compared, queries, WARM_PASSES);
      const figures = ratioFigures(await measure(compared, queries, ROUNDS)).filter(({ what }) => what.includes("all"));
      const everything = { path: "query", parameters: { query: '{__name__!=""}', time } } as const;
      figures.push(await memoryDuring(compared, "all series at once", everything));
      return {
        setting: `${QUERIES.length} instant queries over ${SERIES} series × ${HOURS * 60} min × 15 s of the head; p50 of ${ROUNDS}; ${prometheusVersion()}`,
        figures,
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

class Optional implements AsyncDisposable {
  readonly server: Server | undefined;

  constructor(server: Server | undefined) {
    this.server = server;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server?.[Symbol.asyncDispose]();
  }
}

/** Requests a snapshot of the in-memory head as blocks. Resolves with the name of the snapshot folder. */
async function takeSnapshot({ base }: Server): Promise<string> {
  const response = await fetch(`${base}/api/v1/admin/tsdb/snapshot`, { method: "POST" });
  const body = (await response.json()) as { data?: { name: string }; error?: string };
  if (body.data === undefined) throw new Error(`no snapshot: ${body.error ?? response.status}`);
  return body.data.name;
}
