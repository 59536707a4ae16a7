import { cpSync } from "node:fs";
import { join } from "node:path";
import { SnappyCompressor, WireWriter } from "@narthex/bytes";
import { rounds } from "./flags.ts";
import { DATA_END, siteSeries, type SyntheticSeries, writeQueryData } from "./query-data.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";
import { ScratchFolder } from "./scratch-folder.ts";
import { prometheusVersion, type Server, startOurs, startPrometheus } from "./servers.ts";
import { WRITE_HEADERS } from "./write-request.ts";

/** Default number of rounds. A round has 20 refreshes. */
const USUAL_ROUNDS = 3;
const REFRESHES = 20 * rounds(USUAL_ROUNDS);
const WARM_REFRESHES = 6;
const INTERVAL_MS = 15_000;
const RANGE_MS = 24 * 3_600_000;
const STEP_MS = 60_000;
/** Step number of the first new sample. Earlier samples are in blocks. */
const FIRST_STEP = RANGE_MS / INTERVAL_MS;
const FIRST_TIME = DATA_END + 1;

const PANELS: readonly string[] = [
  "sum by (job) (rate(http_requests_total[5m]))",
  'sum by (job) (rate(http_requests_total{code=~"5.."}[5m])) / sum by (job) (rate(http_requests_total[5m]))',
  "histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))",
  'sum by (instance) (rate(node_cpu_seconds_total{mode!="idle"}[5m]))',
  "node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes",
  "sum(rate(node_network_receive_bytes_total[5m]))",
  "topk(5, node_load1)",
  "avg by (job) (avg_over_time(up[5m]))",
];

interface Side {
  readonly server: Server;
  readonly cpuMs: number[];
  readonly ms: number[];
}

/**
 * Refreshes a dashboard of the last day as a browser does every 15 s, with a new sample of each series between
 * refreshes. The programs take turns.
 */
export const dashboardRefreshCase: BenchCase = {
  name: "dashboard-refresh",
  usualRounds: USUAL_ROUNDS,
  async run(): Promise<CaseResult> {
    using folder = new ScratchFolder();
    const count = writeQueryData(join(folder.path, "blocks"));
    cpSync(join(folder.path, "blocks"), join(folder.path, "again"), { recursive: true });
    const receives = ["--web.enable-remote-write-receiver", "--storage.tsdb.retention.time=100y"];
    await using ours = await startOurs(folder.path, "blocks", undefined, receives, "32MB");
    await using computed = await startOurs(folder.path, "again", undefined, receives, "0");
    await using peer = await startPrometheus(folder.path, "blocks", receives);
    const sides = [ours, computed, peer].map((server): Side => ({ server, cpuMs: [], ms: [] }));
    const series = siteSeries();
    for (let refresh = 0; refresh < WARM_REFRESHES + REFRESHES; refresh++) {
      const body = requestOf(series, FIRST_STEP + refresh);
      const answers: string[] = [];
      for (const side of sides) {
        await write(side.server, body);
        answers.push(await refreshAll(side, FIRST_TIME + refresh * INTERVAL_MS, refresh >= WARM_REFRESHES));
      }
      if (answers[0] !== answers[1]) throw new Error(`refresh ${refresh}: answers differ with and without a cache`);
    }
    const [cached, without, theirs] = sides as [Side, Side, Side];
    return {
      setting: `${PANELS.length} panels of 24 h at ${STEP_MS / 1000} s, refreshed every 15 s of time that is written, ${count} series, ${REFRESHES} refreshes; ${prometheusVersion()}`,
      figures: [
        figure("CPU of a refresh", cached.cpuMs, theirs.cpuMs),
        figure("… without the cache", without.cpuMs, theirs.cpuMs),
        figure("time of a refresh, by the clock", cached.ms, theirs.ms),
        figure("… without the cache", without.ms, theirs.ms),
      ],
    };
  },
};

const figure = (what: string, ours: readonly number[], peer: readonly number[]): Figure => ({
  what,
  unit: "ms",
  better: "lower",
  ours,
  peer,
});

/**
 * Sends the queries of all panels once, as a refresh of the dashboard at the time `now` does. Resolves with the
 * answers.
 */
async function refreshAll({ server, cpuMs, ms }: Side, now: number, counts: boolean): Promise<string> {
  const end = Math.floor(now / STEP_MS) * STEP_MS;
  const [began, cpu] = [performance.now(), server.program.threadsCpuMs()];
  let answers = "";
  for (const query of PANELS) {
    const range = { start: `${(end - RANGE_MS) / 1000}`, end: `${end / 1000}`, step: `${STEP_MS / 1000}` };
    const parameters = new URLSearchParams({ query, ...range }).toString();
    const response = await fetch(`${server.base}/api/v1/query_range?${parameters}`);
    const answer = await response.text();
    if (!response.ok || answer.length < 1000) throw new Error(`${query}: ${response.status} ${answer.slice(0, 300)}`);
    answers += answer;
  }
  if (!counts) return answers;
  ms.push(performance.now() - began);
  cpuMs.push(server.program.threadsCpuMs() - cpu);
  return answers;
}

async function write({ base }: Server, body: Uint8Array<ArrayBuffer>): Promise<void> {
  const response = await fetch(`${base}/api/v1/write`, { method: "POST", headers: WRITE_HEADERS, body });
  if (response.status !== 204) throw new Error(`${response.status} ${await response.text()}`);
}

/** Encodes a remote write 1.0 request with one sample of each series. */
function requestOf(series: readonly SyntheticSeries[], step: number): Uint8Array<ArrayBuffer> {
  const out = new WireWriter(1 << 20);
  for (const { labels, valueAt } of series) {
    out.message(1, () => {
      for (let i = 0; i < labels.pairs.length; i += 2) {
        out.message(1, () => {
          out.string(1, labels.pairs[i]!);
          out.string(2, labels.pairs[i + 1]!);
        });
      }
      out.message(2, () => {
        out.double(1, valueAt(step));
        out.int64(2, FIRST_TIME + (step - FIRST_STEP) * INTERVAL_MS);
      });
    });
  }
  return new Uint8Array(new SnappyCompressor().compress(out.written));
}
