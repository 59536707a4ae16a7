import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { cpSync } from "node:fs";
import { ManualClock, memoryLogger, testSeed } from "@narthex/runtime/testing";
import { openTsdb } from "@narthex/tsdb";
import { expect, test } from "vitest";
import { appendSeries } from "../../support/append-series.ts";
import { Random } from "../../support/random.ts";
import { freePort } from "../../support/ports.ts";
import { lacks } from "../../support/requirements.ts";
import { serve, type Served } from "../../support/serving.ts";
import { Workplace } from "../../support/workplace.ts";
import { SLICE_MS, writtenSlice } from "../promql/differential/query-series.ts";

const SEED = testSeed();
const REQUESTS = Number(process.env["NARTHEX_QUESTIONS"] ?? 8);
const HOUR = 3_600_000;
const START = 54 * HOUR * 8000;
const SLICES = (6 * HOUR) / SLICE_MS;
/**
 * Number of the first time slice whose samples are in the local storage. Earlier samples are only at the remote
 * servers.
 */
const FIRST_LOCAL = SLICES / 3;

interface Setting {
  readonly about: string;
  readonly config: string;
}

interface SourceUrls {
  /** URL of an original Prometheus with all data. `narthex` is the URL of our server with all data. */
  readonly prometheus: string;
  readonly narthex: string;
  /** URL at which nothing listens. */
  readonly nobody: string;
  /** URL of a fake server whose path determines the (invalid) answer. */
  readonly odd: string;
}

const reads = (...entries: readonly string[]): string =>
  `remote_read:\n${entries.map((one) => `- {${one}}\n`).join("")}`;

const settingsOf = ({ prometheus, narthex, nobody, odd }: SourceUrls): readonly Setting[] => {
  const [theirs, ours] = [`url: ${prometheus}/api/v1/read`, `url: ${narthex}/api/v1/read`];
  return [
    { about: "what local data lacks", config: reads(theirs) },
    { about: "recent data too", config: reads(`${theirs}, read_recent: true`) },
    { about: "from ours", config: reads(`${ours}, read_recent: true`) },
    { about: "only with a matcher", config: reads(`${theirs}, read_recent: true, required_matchers: {job: api}`) },
    {
      about: "external labels that the other side has",
      config: `global: {external_labels: {site: far}}\n${reads(theirs)}`,
    },
    { about: "external labels that nobody has", config: `global: {external_labels: {site: here}}\n${reads(theirs)}` },
    {
      about: "external labels left alone",
      config: `global: {external_labels: {site: here}}\n${reads(`${theirs}, filter_external_labels: false`)}`,
    },
    {
      about: "two of them",
      config: reads(`${theirs}, read_recent: true, name: a`, `${ours}, read_recent: true, name: b`),
    },
    { about: "nobody there", config: reads(`url: ${nobody}/read, read_recent: true`) },
    { about: "one of two there", config: reads(`url: ${nobody}/read, read_recent: true`, theirs) },
    ...["refused", "json", "samples", "frames", "torn", "nothing"].map((path) => ({
      about: `an odd answer: ${path}`,
      config: reads(`url: ${odd}/${path}, read_recent: true`),
    })),
    { about: "frames beyond the limit", config: reads(`${theirs}, read_recent: true, chunked_read_limit: 50`) },
  ];
};

test.skipIf(lacks("peers"))(`samples of other servers are read as by Prometheus (seed ${SEED})`, async () => {
  using workplace = new Workplace();
  await write(workplace.path("all"), 0);
  cpSync(workplace.path("all"), workplace.path("all-ours"), { recursive: true });
  await write(workplace.path("ours"), FIRST_LOCAL);
  cpSync(workplace.path("ours"), workplace.path("theirs"), { recursive: true });
  const far = { config: "global: {external_labels: {site: far}}\n", flags: [] };
  await using all = await serve("prometheus", workplace, "all", far);
  await using allOurs = await serve("narthex", workplace, "all-ours", far);
  await using odd = await oddServer();
  const urls = {
    prometheus: all.base,
    narthex: allOurs.base,
    nobody: `http://127.0.0.1:${await freePort()}`,
    odd: odd.base,
  };
  const settings = settingsOf(urls);
  const local = { config: "", flags: ["--web.enable-lifecycle"] };
  await using theirs = await serve("prometheus", workplace, "theirs", local);
  await using ours = await serve("narthex", workplace, "ours", local);
  const random = new Random(SEED);
  let answered = 0;
  for (const { about, config } of settings) {
    await reload(workplace, theirs, "theirs-prometheus.yml", config);
    await reload(workplace, ours, "ours-narthex.yml", config);
    for (let i = 0; i < REQUESTS; i++) {
      const request = drawRequest(random);
      const [expected, got] = [await get(theirs.base, request), await get(ours.base, request)];
      expect(got, `${about}: ${request}`).toEqual(expected);
      if (JSON.stringify(expected).includes("__name__")) answered++;
    }
  }
  expect(answered).toBeGreaterThan(settings.length);
});

async function write(dir: string, first: number): Promise<void> {
  await using db = await openTsdb(dir, { clock: new ManualClock(START), logger: memoryLogger() });
  for (let slice = first; slice < SLICES; slice++) {
    // oxlint-disable no-await-in-loop -- slices are appended in order of time
    await appendSeries(db.appendable, writtenSlice(START, slice));
    await db.maintain();
  }
}

async function reload(workplace: Workplace, { base }: Served, file: string, config: string): Promise<void> {
  workplace.write(file, config);
  const response = await fetch(`${base}/-/reload`, { method: "POST" });
  expect([response.status, await response.text()]).toEqual([200, ""]);
}

const EXPRESSIONS = [
  "requests_total",
  'requests_total{job="api",code="500"}',
  "sum by (instance) (rate(requests_total[7m]))",
  'temperature{room=~"cellar.*"} + on (room) temperature',
  "max_over_time(queue[30m])",
  'limit{site="far"}',
  'limit{site!=""}',
  "latency_seconds",
  "histogram_count(rate(latency_seconds[10m]))",
  "absent(nobody)",
  "count({__name__=~'.+'})",
  "flapping[20m]",
  "moment - moment offset 1h",
];

function drawRequest(random: Random): string {
  const at = (): number => (START + random.below(7 * 120) * 30_000) / 1000;
  const range = (): [number, number] => [at(), at()].toSorted((a, b) => a - b) as [number, number];
  const [start, end] = range();
  // Our server always includes names and values of the in-memory head in lists without a matcher.
  const local = (START + FIRST_LOCAL * SLICE_MS) / 1000;
  const query = encodeURIComponent(random.pick(EXPRESSIONS));
  return random.weighted([
    [5, `query?query=${query}&time=${start}`],
    [
      5,
      `query_range?query=${query.replace("flapping%5B20m%5D", "flapping")}&start=${start}&end=${end}&step=${60 + random.below(600)}`,
    ],
    [
      1,
      `series?match[]=${encodeURIComponent(random.pick(["limit", "nobody", 'temperature{room="attic"}']))}&start=${start}&end=${end}`,
    ],
    [1, `labels?match[]=limit&start=${local}&end=${Math.max(local, end)}`],
    [1, `label/room/values?start=${local}&end=${Math.max(local, end)}`],
  ]);
}

async function get(base: string, request: string): Promise<unknown> {
  const response = await fetch(`${base}/api/v1/${request}`);
  const { data, warnings = [], infos = [], ...rest } = (await response.json()) as Record<string, string[]>;
  // Warnings about lists of series are ignored, because Prometheus 3.5 returns none.
  const sortedWarnings = request.startsWith("series") ? [] : [...new Set(warnings.map(withoutPort))].toSorted();
  return { ...rest, data: sorted(data), warnings: sortedWarnings, infos: infos.toSorted() };
}

/** Sorts the elements of an instant vector, whose order is not defined. */
function sorted(data: unknown): unknown {
  const { resultType, result } = (data ?? {}) as { resultType?: string; result?: unknown[] };
  if (resultType !== "vector" || result === undefined) return data;
  return { resultType, result: result.map((one) => JSON.stringify(one)).toSorted() };
}

/**
 * Removes the client's port from a warning. Equal warnings about one remote server then count once, because Prometheus
 * reports only the first of them.
 */
const withoutPort = (text: string): string =>
  text.replace(/127\.0\.0\.1:\d+->/g, "").replace(/got: \d+ bytes/, "got: more");

/** Starts a fake server with invalid answers. */
async function oddServer(): Promise<AsyncDisposable & { readonly base: string }> {
  const answers: Readonly<Record<string, readonly [status: number, type: string, body: Uint8Array]>> = {
    "/refused": [418, "text/plain", Buffer.from("\nno tea\n\n")],
    "/json": [200, "application/json", Buffer.from("{}")],
    "/samples": [200, "application/x-protobuf", Buffer.from([5, 1, 2])],
    "/nothing": [200, "application/x-protobuf", Buffer.from([0])],
    "/frames": [
      200,
      "application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse",
      Buffer.from([2, 0, 0, 0, 0, 1, 2]),
    ],
    "/torn": [200, "application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse", Buffer.from([90, 0, 0])],
  };
  const server: Server = createServer((request, response) => {
    request.resume().on("end", () => {
      const [status, type, body] = answers[request.url ?? ""]!;
      response.writeHead(status, { "content-type": type }).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
