import { cpSync } from "node:fs";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { median } from "./calibration.ts";
import { fillLog, fillSiteLog } from "./fill-log.ts";
import { flag, rounds, scale } from "./flags.ts";
import { inTurn } from "./in-turn.ts";
import { DATA_END, writeQueryData } from "./query-data.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";
import { ScratchFolder } from "./scratch-folder.ts";
import { prometheusVersion, type Server, startOurs, startPrometheus } from "./servers.ts";

const USUAL_ROUNDS = 3;
const ROUNDS = rounds(USUAL_ROUNDS) * 10;
/**
 * Number of times that each query of a round is sent without a pause. After a pause, cold caches would dominate the
 * time.
 */
const IN_A_ROW = 10;
const WARM = 20;
const HOURS = 0.25;
const MANY_SERIES = Math.round(100_000 * scale());

/** Queries by name, one for each type of query. A text that begins with a slash is the path of a listing. */
type Kinds = Readonly<Record<string, string>>;

const OF_SITE: Kinds = {
  selector: "node_load1",
  sum: "sum(http_requests_in_flight)",
  "sum by": "sum by (job, code) (http_requests_total)",
  rate: "rate(process_cpu_seconds_total[5m])",
  topk: "topk(5, node_network_receive_bytes_total)",
  quantile: "quantile by (job) (0.9, http_requests_in_flight)",
  absent: 'absent(http_requests_total{job="api"})',
  count_values: 'count_values("value", http_requests_total)',
  group_left: "http_requests_total * on (instance) group_left (nodename) node_uname_info",
  binary: "http_request_duration_seconds_sum / http_request_duration_seconds_count",
  histogram_quantile: "histogram_quantile(0.9, sum by (le, job) (rate(http_request_duration_seconds_bucket[5m])))",
  label_replace: 'label_replace(up, "host", "$1", "instance", "(.*):.*")',
  time: "time()",
  comparison: "http_requests_total > 1000",
};

const OF_MANY: Kinds = {
  selector: 'http_requests_7_total{shard=~".*7"}',
  sum: "sum(http_requests_3_total)",
  "sum by": "sum by (zone, status) (http_requests_3_total)",
  rate: 'rate(http_requests_5_total{zone="zone-1"}[5m])',
  topk: "topk(5, http_requests_6_total)",
  quantile: "quantile by (job) (0.9, http_requests_8_total)",
  absent: 'absent(http_requests_9_total{job="service-1"})',
  count_values: 'count_values("value", http_requests_3_total)',
  group_left: "http_requests_2_total * on (shard) group_left (zone) http_requests_2_total",
  binary: "http_requests_10_total / on (shard) http_requests_10_total",
  "rate over many": "sum by (job) (rate(http_requests_11_total[5m]))",
  label_replace: 'label_replace(http_requests_12_total{zone="zone-0"}, "host", "$1", "instance", "(.*):.*")',
  time: "time()",
  comparison: "http_requests_10_total > 1000",
};

/** The blocks have the series of the same site. Dashboards also request listings of labels and series. */
const OF_BLOCKS: Kinds = {
  ...OF_SITE,
  "sum by rate": "sum by (job) (rate(http_requests_total[5m]))",
  "label values": "/label/instance/values",
  "label values of some": "/label/path/values?match[]=http_requests_total",
  "label names": "/labels?match[]=http_requests_total",
  series: "/series?match[]=node_load1",
};

/**
 * Sends instant queries of each type from one client, over an in-memory head of 2,000 series, over blocks with these
 * series, and over a large head.
 */
export const instantKindsCase: BenchCase = {
  name: "instant-kinds",
  usualRounds: USUAL_ROUNDS,
  async run(): Promise<CaseResult> {
    using folder = new ScratchFolder();
    const figures: Figure[] = [];
    const data = flag("data", "head,blocks,large").split(",");
    const now = Math.floor(Date.now() / 1000) - 20;
    if (data.includes("head")) {
      const series = await fillSiteLog(join(folder.path, "small"), HOURS);
      figures.push(...(await compared(folder.path, "small", OF_SITE, `${series} series`, now)));
    }
    if (data.includes("blocks")) {
      const series = writeQueryData(join(folder.path, "blocks"));
      const end = Math.floor(DATA_END / 1000) - 20;
      figures.push(...(await compared(folder.path, "blocks", OF_BLOCKS, `${series} series in blocks`, end)));
    }
    if (data.includes("large")) {
      await fillLog(join(folder.path, "large"), MANY_SERIES, HOURS);
      figures.push(...(await compared(folder.path, "large", OF_MANY, `${MANY_SERIES} series`, now)));
    }
    return {
      setting: `one client, one connection, ${IN_A_ROW} of a kind in a row in turns, ${ROUNDS} rounds, heads of ${HOURS * 60} min × 15 s, blocks of 24 h × 15 s; ${prometheusVersion()}`,
      figures,
    };
  },
};

interface Contender {
  readonly name: "ours" | "before" | "peer";
  readonly server: Server;
  readonly agent: Agent;
}

async function compared(folder: string, data: string, kinds: Kinds, what: string, timeS: number): Promise<Figure[]> {
  const time = String(timeS);
  await using servers = new AsyncDisposableStack();
  const start = async (name: Contender["name"], server: Promise<Server>): Promise<Contender> => ({
    name,
    server: servers.use(await server),
    agent: new Agent({ keepAlive: true, maxSockets: 1 }),
  });
  const contenders = [await start("ours", startOurs(folder, data)), await start("peer", startPrometheus(folder, data))];
  const before = flag("before", "");
  if (before !== "") {
    cpSync(join(folder, data), join(folder, `${data}-before`), { recursive: true });
    contenders.push(await start("before", startOurs(folder, `${data}-before`, before)));
  }
  try {
    for (const contender of contenders)
      for (const query of Object.values(kinds)) await inARow(contender, query, time, WARM);
    return await figuresOf(contenders, kinds, time, what);
  } finally {
    for (const { agent } of contenders) agent.destroy();
  }
}

interface QueryCosts {
  readonly wallMs: number[];
  readonly cpuMs: number[];
}

async function figuresOf(
  contenders: readonly Contender[],
  kinds: Kinds,
  time: string,
  what: string,
): Promise<Figure[]> {
  const ratios: Record<string, { wall: number[]; cpu: number[] }> = {};
  for (const [kind, query] of Object.entries(kinds)) {
    const costs = Object.fromEntries(
      contenders.map(({ name }): [string, QueryCosts] => [name, { wallMs: [], cpuMs: [] }]),
    );
    for (let round = 0; round < ROUNDS; round++) {
      for (const contender of inTurn(contenders, round)) {
        const into = costs[contender.name]!;
        const cpuBefore = contender.server.program.threadsCpuMs();
        into.wallMs.push(...(await inARow(contender, query, time, IN_A_ROW)));
        into.cpuMs.push((contender.server.program.threadsCpuMs() - cpuBefore) / IN_A_ROW);
      }
    }
    const peer = costs["peer"]!;
    let line = `  ${kind.padEnd(20)}`;
    for (const { name } of contenders) {
      const { wallMs, cpuMs } = costs[name]!;
      const of = (ratios[name] ??= { wall: [], cpu: [] });
      of.wall.push(median(wallMs) / median(peer.wallMs));
      of.cpu.push(median(cpuMs) / median(peer.cpuMs));
      line += ` | ${name} ${median(wallMs).toFixed(2)} ms (${of.wall.at(-1)!.toFixed(2)}), CPU ${median(cpuMs).toFixed(2)} ms (${of.cpu.at(-1)!.toFixed(2)})`;
    }
    process.stdout.write(`${line}\n`);
  }
  const figure = (about: string, of: "wall" | "cpu", from: (values: readonly number[]) => number): Figure => ({
    what: `${what}, ${about}`,
    unit: "ratio",
    better: "lower",
    ours: [from(ratios["ours"]![of])],
    before: ratios["before"] === undefined ? undefined : [from(ratios["before"][of])],
    peer: [],
  });
  return [
    figure("p50 by the clock, geometric mean of all kinds", "wall", geometricMean),
    figure("… the highest", "wall", (values) => Math.max(...values)),
    figure("CPU of the process, geometric mean of all kinds", "cpu", geometricMean),
    figure("… the highest", "cpu", (values) => Math.max(...values)),
  ];
}

const geometricMean = (ratios: readonly number[]): number =>
  Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);

/** Sends the same query several times without a pause. Resolves with the times in ms. */
async function inARow({ server, agent }: Contender, query: string, time: string, times: number): Promise<number[]> {
  const spent: number[] = [];
  for (let i = 0; i < times; i++) {
    const began = performance.now();
    await answered(`${server.base}/api/v1${pathOf(query, time)}`, agent);
    spent.push(performance.now() - began);
  }
  return spent;
}

const pathOf = (query: string, time: string): string =>
  query.startsWith("/") ? query : `/query?${new URLSearchParams({ query, time }).toString()}`;

/**
 * Reads a response to its end. Uses Node's http client, because a request with fetch takes longer than many of the
 * measured queries.
 */
function answered(url: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { agent, headers: { "accept-encoding": "gzip" } }, (response) => {
      response.resume().once("end", resolve).once("error", reject);
      if (response.statusCode !== 200) reject(new Error(`${url}: status ${response.statusCode}`));
    });
    outgoing.once("error", reject).end();
  });
}
