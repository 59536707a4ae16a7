import { createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiRequest, HTTP_REQUESTS, PARAMETERS } from "./api-requests.ts";
import { untilQuery } from "../../../support/query.ts";
import { lacks, peers } from "../../../support/requirements.ts";
import { narthex, Running } from "../../../support/running.ts";
import { freePort } from "../../../support/ports.ts";
import { Workplace } from "../../../support/workplace.ts";

const absent = lacks("peers");
const cleanups: (() => Promise<unknown> | void)[] = [];
let ours: string;
let theirs: string;

const TARGET = `# HELP requests_total Requests served.
# TYPE requests_total counter
requests_total{method="get",code="200"} 120
requests_total{method="get",code="500"} 3
requests_total{method="post",code="200"} 40
# TYPE latency_seconds histogram
latency_seconds_bucket{le="0.1"} 4
latency_seconds_bucket{le="1"} 9
latency_seconds_bucket{le="+Inf"} 10
latency_seconds_sum 5.5
latency_seconds_count 10
# TYPE temperature gauge
temperature{room="<attic> & \\"roof\\""} -3.5e-07
nothing NaN
`;

beforeAll(async () => {
  if (absent) return;
  const workplace = new Workplace();
  const server = createServer((_request, response) =>
    response.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end(TARGET),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  workplace.write(
    "rules.yml",
    "groups:\n- name: g\n  rules:\n  - record: job:requests:sum\n    expr: sum by (job) (requests_total)\n    labels: {level: job}\n  - alert: Cold\n    expr: temperature < 0\n    for: 1h\n    labels: {severity: page}\n    annotations: {summary: 'at {{ $value }}'}\n",
  );
  workplace.write(
    "prometheus.yml",
    `global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s, external_labels: {cluster: lab}}\nrule_files: [rules.yml]\nscrape_configs:\n- job_name: t\n  static_configs: [{targets: ['127.0.0.1:${port}']}]\n`,
  );
  const flags = (own: number, name: string) => [
    `--config.file=${workplace.path("prometheus.yml")}`,
    `--storage.tsdb.path=${workplace.path(name)}`,
    `--web.listen-address=127.0.0.1:${own}`,
  ];
  const [a, b] = await Promise.all([freePort(), freePort()]);
  const own = narthex(["server", ...flags(a, "ours")]);
  const peer = new Running(join(peers, "prometheus"), flags(b, "theirs"));
  cleanups.push(
    () => own[Symbol.asyncDispose](),
    () => peer[Symbol.asyncDispose](),
    () => server.closeAllConnections(),
    () => void server.close(),
    () => workplace[Symbol.dispose](),
  );
  ours = `http://127.0.0.1:${a}`;
  theirs = `http://127.0.0.1:${b}`;
  for (const base of [ours, theirs]) {
    await untilQuery(base, "job:requests:sum", (result) => result.length === 1);
    await untilQuery(base, "ALERTS", (result) => result.length === 1);
    await untilQuery(base, "count_over_time(temperature[1m]) >= 3", (result) => result.length === 1);
  }
});

afterAll(async () => {
  for (const cleanup of cleanups) await cleanup();
});

/**
 * Requests whose answers depend only on the request and the scraped samples. The answers of our server and Prometheus
 * must be equal byte for byte.
 */
const SAME = [
  "query?query=1%2B1&time=0",
  "query?query=1e21&time=-1.5",
  "query?query=1e-7&time=1",
  "query?query=%22te%3Cxt%22&time=0",
  "query?query=vector(1)&time=1.5",
  "query?query=vector(-0)&time=1",
  "query?query=vector(1e-7)&time=1",
  "query?query=vector(NaN)&time=1",
  "query?query=vector(1e21)&time=2026-01-01T00:00:00Z",
  "query?query=up%7B",
  "query?query=",
  "query?query=foo(1)",
  "query?query=sum(",
  "query?query=rate(up)",
  "query?query=1&time=abc",
  "query?query=1&timeout=xx",
  "query?query=1&limit=-1",
  "query?query=1&time=0&limit=x",
  "query?query=label_replace(vector(1),%22a%22,%22$1%22,%22b%22,%22(%22)&time=0",
  "query_range?query=vector(1)&start=0&end=30&step=10",
  "query_range?query=1&start=0.5&end=2&step=0.5",
  "query_range?query=time()&start=0&end=60&step=20s",
  "query_range?query=up&start=1&end=0&step=1",
  "query_range?query=up&start=0&end=1&step=0",
  "query_range?query=up&start=0&end=1&step=-1",
  "query_range?query=up&start=0&end=60&step=0.0005",
  "query_range?query=up&start=0&end=11001&step=1",
  "query_range?query=up&start=&end=1&step=1",
  "query_range?query=up&start=0&end=1&step=abc",
  "query_range?query=up%5B5m%5D&start=0&end=1&step=1",
  "query_range?query=%22a%22&start=0&end=1&step=1",
  "format_query?query=sum%20by%20(job)(rate(x%5B5m%5D))%2Bsum(y)",
  "format_query?query=sum(",
  "labels?match[]=requests_total",
  "labels?match[]=%7B%7D",
  "labels?start=x",
  "labels?limit=2&match[]=requests_total",
  "labels?match[]=up%7B",
  "label/code/values",
  "label/method/values?match[]=requests_total",
  "label/__name__/values?match[]=%7Bjob=%22t%22,__name__=~%22requests.*%22%7D",
  "label/U__a_2e_b/values",
  "label/nope/values",
  "label/job/values?match[]=%7B%7D",
  "label/le/values",
  "label/room/values",
  "series",
  "series?match[]=",
  "series?match[]=%7B%7D",
  "series?match[]=requests_total&match[]=temperature",
  "series?match[]=nope",
  "query_exemplars?query=1",
  "query_exemplars?query=up%7B",
  "query_exemplars?query=up&start=5&end=1",
  "rules?type=foo",
  "rules?type=record&exclude_alerts=maybe",
  "rules?group_next_token=x",
  "rules?group_limit=0",
  "scrape_pools",
  "targets/metadata?metric=requests_total&limit=x",
  "targets?state=foo",
  "status/tsdb?limit=0",
  "alertmanagers",
  "nope",
  "metadata?metric=requests_total",
  "metadata?metric=nope",
  "metadata?limit=x",
];

async function answer(
  base: string,
  path: string,
  init?: RequestInit,
): Promise<{ status: number; type: string | null; body: string }> {
  const response = await fetch(`${base}/api/v1/${path}`, init);
  return {
    status: response.status,
    type: response.headers.get("content-type"),
    body: (await response.text()).replace(/127\.0\.0\.1:\d+/g, "HOST"),
  };
}

test.skipIf(absent).each(SAME)("GET /api/v1/%s answers as Prometheus does", async (path) => {
  expect(await answer(ours, path)).toEqual(await answer(theirs, path));
});

const POSTED: readonly (readonly [string, Record<string, string>])[] = [
  ["query", { query: "sum(requests_total)", time: "0" }],
  ["query_range", { query: "vector(2)", start: "0", end: "10", step: "5" }],
  ["labels", { "match[]": "temperature" }],
  ["series", { "match[]": "temperature" }],
  ["format_query", { query: "a+b" }],
];

test.skipIf(absent).each(POSTED)("POST /api/v1/%s with a form answers as Prometheus does", async (path, form) => {
  const init = { method: "POST", body: new URLSearchParams(form) };
  expect(await answer(ours, path, init)).toEqual(await answer(theirs, path, init));
});

/** Sends a request. Resolves with the status, the compared headers and the body, without decompression. */
async function wholeAnswer(base: string, { path, method = "GET", body, headers = {} }: ApiRequest): Promise<unknown> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
    const sent = request(`${base}/api/v1/${path}`, { method, headers: { ...headers, ...length }, agent: false });
    sent.on("response", resolve).on("error", reject).end(body);
  });
  const compared = ["content-type", "content-encoding", "vary", "allow", "access-control-allow-origin"];
  const encoded = response.headers["content-encoding"] !== undefined;
  const text = Buffer.concat(await response.toArray()).toString(encoded ? "hex" : "utf8");
  return {
    status: response.statusCode,
    headers: compared.map((name) => response.headers[name]),
    body: encoded ? text.length > 0 : text,
  };
}

test.skipIf(absent)("every parameter of the query endpoints is accepted or refused as by Prometheus", async () => {
  expect(await unlike(PARAMETERS)).toEqual([]);
});

test.skipIf(absent)("forms, methods and headers are treated as by Prometheus", async () => {
  expect(await unlike(HTTP_REQUESTS)).toEqual([]);
});

/** Sends requests to both servers. Resolves with the requests whose answers differ, and with both answers. */
async function unlike(requests: readonly ApiRequest[]): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const one of requests) {
    // oxlint-disable-next-line no-await-in-loop -- hundreds of requests: one at a time, at both servers
    const [own, peer] = await Promise.all([ours, theirs].map((base) => wholeAnswer(base, one)));
    if (!isDeepStrictEqual(own, peer)) found.push({ request: one, own, peer });
  }
  return found;
}

/** Queries that read the samples of the scrape target. The values of the answers are compared, but not the times. */
const QUERIES = [
  "requests_total",
  "sum by (code) (requests_total)",
  "temperature",
  "nothing",
  "histogram_quantile(0.9, latency_seconds_bucket)",
  "latency_seconds_sum / latency_seconds_count",
  "requests_total{code=~'5..'} / on(method) group_left sum by (method) (requests_total)",
  "topk(1, requests_total)",
  "count_values('v', requests_total)",
  "absent(nope{a='b'})",
  "job:requests:sum",
  "ALERTS",
  "label_join(temperature, 'x', '-', 'room', 'job')",
  "quantile(0.5, requests_total) + bool",
  "sum(requests_total) > bool 5",
  "scalar(sum(requests_total))",
  "sort_desc(requests_total)",
  "rate(temperature[1m]) * 0",
  "max_over_time(requests_total[1m])",
];

test.skipIf(absent).each(QUERIES)("the query %s has the same result as in Prometheus", async (query) => {
  const strip = ({ status, body }: { status: number; body: string }): unknown => {
    const parsed = JSON.parse(body.replace(/\[\d+(\.\d+)?,/g, '["T",')) as {
      data?: { resultType: string; result: unknown[] };
    };
    // Sorts the vector unless the query sorts, because the order is otherwise undefined.
    if (parsed.data?.resultType === "vector" && !query.startsWith("sort"))
      parsed.data.result.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
    return { status, parsed };
  };
  const path = `query?query=${encodeURIComponent(query)}`;
  expect(strip(await answer(ours, path))).toEqual(strip(await answer(theirs, path)));
});

test.skipIf(absent)("/rules and /targets have the same shape, and the same values except for times", async () => {
  const shape = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shape);
    if (value === null || typeof value !== "object")
      return typeof value === "number" ? "number" : /^\d{4}-\d\d-\d\dT/.test(String(value)) ? "time" : value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([name]) => !ONLY_OURS.has(name))
        .map(([name, part]) => [name, shape(part)]),
    );
  };
  for (const path of ["rules", "alerts", "targets", "status/flags"]) {
    const [own, peer] = await Promise.all(
      [ours, theirs].map(async (base) => (JSON.parse((await answer(base, path)).body) as { data: unknown }).data),
    );
    if (path === "status/flags") {
      const [ownNames, peerNames] = [Object.keys(own as object), Object.keys(peer as object)];
      expect(peerNames.filter((name) => !ownNames.includes(name) && !ONLY_THEIRS.has(name))).toEqual([]);
    } else expect(shape(own), path).toEqual(shape(peer));
  }
});

/**
 * Labels of discovered targets that Prometheus has only in versions after 3.5. With these labels, a target can choose
 * how its histograms are scraped.
 */
const ONLY_OURS = new Set([
  "__always_scrape_classic_histograms__",
  "__convert_classic_histograms_to_nhcb__",
  "__scrape_native_histograms__",
]);

/** Flags that only Debian's build of Prometheus has. */
const ONLY_THEIRS = new Set(["web.ui-path", "web.local-assets"]);

const PLAIN = [
  "-/healthy",
  "-/ready",
  "-/reload",
  "-/quit",
  "nope",
  "federate",
  "federate?match[]=up%7B",
  "graph?g0.expr=up&g0.tab=1",
  "",
];

test.skipIf(absent).each(PLAIN)("GET /%s answers as Prometheus does", async (path) => {
  const [own, peer] = await Promise.all(
    [ours, theirs].map(async (base) => {
      const response = await fetch(`${base}/${path}`, { redirect: "manual" });
      const text = await response.text();
      return {
        status: response.status,
        location: response.headers.get("location"),
        body: response.status === 302 ? "" : text,
      };
    }),
  );
  expect(own).toEqual(peer);
});
