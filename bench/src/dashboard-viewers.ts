import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { numberFlag } from "./flags.ts";
import { freePort } from "./free-port.ts";
import { pause, Program } from "./program.ts";
import type { BenchCase, CaseResult } from "./report.ts";
import { ScratchFolder } from "./scratch-folder.ts";

const own = new URL("../../bin/narthex", import.meta.url).pathname;
const conformance = process.env["NARTHEX_CONFORMANCE"];
const VIEWERS = numberFlag("viewers", 20);
const REFRESH_MS = 1000 * numberFlag("refresh", 30);
const MINUTES = numberFlag("minutes", 2);
const RANGE_MS = 24 * 3_600_000;
/** Width of a panel in pixels. At this width, a range of one day has a step of `INTERVAL_MS`. */
const WIDTH = 900;
const INTERVAL_MS = 120_000;
/** Media type of the page's request for the visible panels. */
const QUESTIONS_MEDIA_TYPE = "application/x-ndjson";
const ANSWERS_MEDIA_TYPE = "application/vnd.narthex.panel-answers";
/**
 * Size of the binary header before each answer, and the offsets of the body length and the content tag in it. The
 * header contains the panel's number, status, form, length and tag.
 */
const [HEAD_BYTES, LENGTH_AT, TAG_AT] = [32, 8, 12];
/** Number of series in an answer. */
const SERIES = 6;
/** Largest accepted ratio of the CPU time for twenty viewers to the CPU time for one viewer. */
const BUDGET = 1.3;
const MEMORY_BUDGET = 110;
/** Time in ms without requests after which a server has released its working memory. */
const REST_MS = 15_000;

const mebibytes = (program: Program): number => program.residentBytes() / 1024 ** 2;

/** Queries of one panel, without their time range. */
type PanelRequest = readonly object[];

/** Compares the CPU time of the dashboard server for many viewers of one dashboard with the time for one viewer. */
export const dashboardViewersCase: BenchCase = {
  name: "dashboard-viewers",
  byName: true,
  async run(): Promise<CaseResult> {
    const panels = panelRequests();
    const source = await sourceServer();
    using folder = new ScratchFolder();
    const port = await freePort();
    const role = new Program(own, [
      "dashboards",
      "cfg:server.http_addr=127.0.0.1",
      `cfg:server.http_port=${port}`,
      `cfg:paths.data=${join(folder.path, "data")}`,
      `cfg:paths.provisioning=${folder.path}`,
      "cfg:security.admin_password=bench",
      "cfg:auth.anonymous.enabled=true",
    ]);
    const base = `http://127.0.0.1:${port}`;
    try {
      await role.ready(`${base}/api/health`);
      await addSource(base, source);
      await pause(REST_MS);
      const started = mebibytes(role);
      // Runs 20 unmeasured rounds to compile hot code and fill caches.
      const first: Tags = [];
      for (let round = 0; round < 20; round++) await refresh(base, panels, first);
      const idle = await cpuOf(role, 0, base, panels);
      const one = await cpuOf(role, 1, base, panels);
      const many = await cpuOf(role, VIEWERS, base, panels);
      const resident = mebibytes(role);
      await pause(REST_MS);
      const memory = { unit: "MiB", better: "lower", peer: [MEMORY_BUDGET] } as const;
      const lower = { unit: "ms a second", better: "lower", peer: [] } as const;
      return {
        setting: `${panels.length} panels, 24 h, refresh ${REFRESH_MS / 1000} s, ${MINUTES} min each, viewers evenly over the refresh`,
        figures: [
          { ...lower, what: "CPU without viewers", ours: [idle] },
          { ...lower, what: "CPU for one viewer", ours: [one] },
          { ...lower, what: `CPU for ${VIEWERS} viewers`, ours: [many] },
          {
            what: "the same as a multiple of one, peer: budget",
            unit: "ratio",
            better: "lower",
            ours: [many / one],
            peer: [BUDGET],
          },
          { ...memory, what: "resident memory before anybody looks, peer: budget", ours: [started] },
          { ...memory, what: "resident memory while they look", ours: [resident] },
          { ...memory, what: "resident memory once they have left", ours: [mebibytes(role)] },
        ],
      };
    } finally {
      await role[Symbol.asyncDispose]();
      source.close();
    }
  },
};

/** Measures the CPU time of the dashboard server in ms per second with this number of viewers. */
async function cpuOf(role: Program, viewers: number, base: string, panels: readonly PanelRequest[]): Promise<number> {
  const since = performance.now();
  const until = since + MINUTES * 60_000;
  const before = role.cpuSeconds();
  await Promise.all(
    Array.from({ length: viewers }, async (_, i) => {
      const tags: Tags = [];
      for (let at = since + (i * REFRESH_MS) / viewers; at < until; at += REFRESH_MS) {
        await pause(Math.max(0, at - performance.now()));
        await refresh(base, panels, tags);
      }
    }),
  );
  await pause(Math.max(0, until - performance.now()));
  return ((role.cpuSeconds() - before) * 1000) / ((performance.now() - since) / 1000);
}

/** Content tags of the last answers to one viewer, by panel. */
type Tags = (string | undefined)[];

async function refresh(base: string, panels: readonly PanelRequest[], tags: Tags): Promise<void> {
  const to = Date.now();
  const head = { panels: panels.map((_, i) => ({ from: String(to - RANGE_MS), to: String(to), has: tags[i] })) };
  const answer = await fetch(`${base}/api/narthex/panels/query`, {
    method: "POST",
    headers: { "content-type": QUESTIONS_MEDIA_TYPE, accept: ANSWERS_MEDIA_TYPE },
    body: [head, ...panels].map((line) => JSON.stringify(line)).join("\n"),
  });
  const bytes = Buffer.from(await answer.arrayBuffer());
  if (answer.status !== 200 || answer.headers.get("content-type") !== ANSWERS_MEDIA_TYPE)
    throw new Error(`${answer.status} ${bytes.toString().slice(0, 300)}`);
  let count = 0;
  for (let at = 0; at < bytes.length; at += HEAD_BYTES + bytes.readUInt32LE(at + LENGTH_AT)) {
    if (bytes.readUInt16LE(at + 4) !== 200) throw new Error(bytes.subarray(at).toString().slice(0, 300));
    tags[bytes.readUInt32LE(at)] = bytes.subarray(at + TAG_AT, at + HEAD_BYTES).toString("latin1");
    count++;
  }
  if (count !== panels.length) throw new Error(`${count} answers of ${panels.length}`);
}

interface WrittenPanel {
  readonly type: string;
  readonly targets?: readonly { readonly refId?: string; readonly expr?: string }[];
}

/** Returns the requests for the panels that are visible when the page opens. */
function panelRequests(): readonly PanelRequest[] {
  const file =
    conformance === undefined
      ? new URL("../../deploy/dashboards/host.json", import.meta.url).pathname
      : join(conformance, "dashboards/node-exporter-full.json");
  const { panels } = JSON.parse(readFileSync(file, "utf8")) as { panels: readonly WrittenPanel[] };
  return panels
    .filter(({ type, targets = [] }) => type !== "row" && targets.length > 0)
    .map(({ targets = [] }) =>
      targets.map((target, i) => ({
        ...target,
        refId: target.refId ?? String(i),
        expr: (target.expr ?? "").replaceAll(/\$(?:node|job|nodename)\b/g, "x"),
        datasource: { type: "prometheus", uid: "bench" },
        intervalMs: INTERVAL_MS,
        maxDataPoints: WIDTH,
      })),
    );
}

async function addSource(base: string, source: Server): Promise<void> {
  const url = `http://127.0.0.1:${(source.address() as AddressInfo).port}`;
  const answer = await fetch(`${base}/api/datasources`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Basic ${btoa("admin:bench")}` },
    body: JSON.stringify({ uid: "bench", name: "Bench", type: "prometheus", url, isDefault: true }),
  });
  if (answer.status !== 200) throw new Error(await answer.text());
}

/**
 * Starts a data source that answers every query with generated series. The data source runs in this process, so the
 * measured process does not include it.
 */
async function sourceServer(): Promise<Server> {
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (piece: Buffer) => (body += piece.toString()));
    request.on("end", () => {
      const parameters = new URLSearchParams(body);
      const [start, end, step, time] = ["start", "end", "step", "time"].map((name) => Number(parameters.get(name)));
      const isRange = request.url!.endsWith("query_range");
      const result = Array.from({ length: isRange ? SERIES : 1 }, (_, i) => {
        const metric = { __name__: "bench", instance: "host:9100", job: "node", device: `disk${i}` };
        if (!isRange) return { metric, value: [time, String(i)] };
        const values: unknown[] = [];
        for (let at = start!; at <= end!; at += step!) values.push([at, String(Math.sin(at / 1000 + i) * 1e6)]);
        return { metric, values };
      });
      const resultType = isRange ? "matrix" : "vector";
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ status: "success", data: { resultType, result } }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}
