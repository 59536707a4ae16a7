import { once } from "node:events";
import { get, request } from "node:http";
import { Worker } from "node:worker_threads";
import { Labels } from "@narthex/model";
import { createLogger, systemClock } from "@narthex/runtime";
import { createSampleBatch } from "@narthex/storage";
import { openTsdb } from "@narthex/tsdb";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { HealthReport, Polled } from "../../support/health-poller.ts";
import { instant, untilQuery } from "../../support/query.ts";
import { narthex, type Running } from "../../support/running.ts";
import { freePort } from "../../support/ports.ts";
import { Workplace } from "../../support/workplace.ts";

const SERIES = 100_000;
const ROUNDS = 20;
const INTERVAL_MS = 15_000;

/** Writes a write-ahead log with 100,000 series, which have a sample every 15 s until now. */
async function fill(dir: string): Promise<void> {
  const logger = createLogger({ level: "error", format: "logfmt", clock: systemClock, write: () => {} });
  const db = await openTsdb(dir, { clock: systemClock, logger });
  const batch = createSampleBatch(SERIES);
  const start = Math.floor(systemClock.now()) - ROUNDS * INTERVAL_MS;
  for (let round = 0; round < ROUNDS; round++) {
    const appender = db.appendable.appender();
    for (let i = 0; i < SERIES; i++) {
      if (round === 0) {
        const labels = {
          __name__: `metric_${i % 50}`,
          host: `host-${i % 500}.example.org`,
          path: "/a".repeat(i % 20),
          i,
        };
        batch.refs[i] = appender.series(Labels.of({ ...labels, i: String(i) }));
      }
      batch.timestamps[i] = start + round * INTERVAL_MS;
      batch.values[i] = i + round;
    }
    batch.count = SERIES;
    appender.append(batch);
    await appender.commit();
  }
  await db.close();
}

const workplace = new Workplace();
let base = "";
let server: Running;
let poller: Worker;

/** Resolves with statistics of the responses of `/-/healthy` since the last call. */
async function health(): Promise<HealthReport> {
  poller.postMessage("report");
  const [report] = (await once(poller, "message")) as [HealthReport];
  return report;
}

/** Number of scrapes that the server had stored before the first hostile query. */
let scrapesBefore = 0;

beforeAll(async () => {
  await fill(workplace.path("data"));
  poller = new Worker(new URL("../../support/health-poller.ts", import.meta.url));
  const [target] = (await once(poller, "message")) as [number];
  const port = await freePort();
  base = `http://127.0.0.1:${port}`;
  workplace.write(
    "prometheus.yml",
    `global: {scrape_interval: 5s, scrape_timeout: 5s}\nscrape_configs:\n- job_name: t\n  static_configs: [{targets: ['127.0.0.1:${target}']}]\n`,
  );
  server = narthex([
    "server",
    `--config.file=${workplace.path("prometheus.yml")}`,
    `--storage.tsdb.path=${workplace.path("data")}`,
    `--web.listen-address=127.0.0.1:${port}`,
    // The lookback is long, so that samples from the start of the test can be queried even if the queries take long.
    "--query.lookback-delta=1h",
    "--query.max-samples=20000000",
    "--enable-feature=promql-experimental-functions",
  ]);
  await server.ready(`${base}/-/ready`);
  await untilQuery(base, "count_over_time(scrapes_total[1m])", (result) => Number(result[0]?.value[1]) >= 1);
  scrapesBefore = await scrapes();
  poller.postMessage({ url: `${base}/-/healthy` } satisfies Polled);
});

afterAll(async () => {
  await poller?.terminate();
  await server?.[Symbol.asyncDispose]();
  workplace[Symbol.dispose]();
});

/**
 * Resolves with the number of the last scrape that the server has stored. The target exposes this number as
 * `scrapes_total`.
 */
const scrapes = async (): Promise<number> => Number((await instant(base, "max(scrapes_total)"))[0]?.value[1]);

interface Answer {
  readonly status: number;
  /** First characters of the response body. */
  readonly head: string;
  readonly bytes: number;
}

/** Sends an HTML form by POST. Reads the whole response, but keeps only the start of its body. */
function post(path: string, form: Readonly<Record<string, string>>): Promise<Answer> {
  const body = new URLSearchParams(form).toString();
  return new Promise((resolve) => {
    const sent = request(`${base}/api/v1/${path}`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded", "content-length": body.length },
    });
    sent.once("response", (response) => {
      let head = "";
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (head.length < 1000) head += chunk.toString("latin1");
      });
      response.once("close", () => resolve({ status: response.statusCode ?? 0, head: head.slice(0, 1000), bytes }));
    });
    // A connection error counts as a response, because a server that refuses a body may close the connection before the
    // whole body was sent.
    sent.once("error", (error) => resolve({ status: 0, head: error.message, bytes: 0 }));
    sent.end(body);
  });
}

/** Maximum size of a response in bytes. The test fails if a response is larger. */
const MAX_ANSWER = 200_000_000;

/** Requests a page by GET. Reads the whole response, but keeps only the start of its body. */
function page(path: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get(`${base}/${path}`, (response) => {
      let head = "";
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (head.length < 1000) head += chunk.toString("latin1");
      });
      response.once("close", () => resolve({ status: response.statusCode ?? 0, head: head.slice(0, 1000), bytes }));
    }).once("error", reject);
  });
}

const survives = (path: string, form: Readonly<Record<string, string>>): Promise<Answer> =>
  answeredInHealth(() => post(path, form), JSON.stringify(form));

const survivesGet = (path: string): Promise<Answer> => answeredInHealth(() => page(path), path);

/** Sends a request while a worker polls the server's health, and checks that the server stays healthy. */
async function answeredInHealth(send: () => Promise<Answer>, what: string): Promise<Answer> {
  await health();
  const answer = await send();
  const { answers, failures } = await health();
  console.info(what.slice(0, 60), answers, answer.status, answer.bytes, answer.head.slice(0, 140));
  expect(failures).toBe(0);
  expect(answer.bytes).toBeLessThan(MAX_ANSWER);
  return answer;
}

const now = (): string => String(Math.floor(Date.now() / 1000));
/** Short timeout for queries that would otherwise run for a long time. */
const SOON = { timeout: "5s" };
const range = (query: string, seconds: number, step: string): Record<string, string> => {
  const end = Math.floor(Date.now() / 1000);
  return { query, start: String(end - seconds), end: String(end), step, ...SOON };
};

const nest = (open: string, inner: string, close: string, levels: number): string =>
  open.repeat(levels) + inner + close.repeat(levels);

const DEEP = "expression is nested more than 1000 levels deep, split it up";

test.each<[string, string, Record<string, string>, RegExp]>([
  ["parentheses", "query", { query: nest("(", "1", ")", 100_000) }, new RegExp(DEEP)],
  ["aggregations", "query", { query: nest("sum(", "up", ")", 100_000) }, new RegExp(DEEP)],
  ["subqueries", "query", { query: `up${"[5m:1m]".repeat(50_000)}` }, new RegExp(DEEP)],
  ["operands", "query", { query: Array(100_000).fill("up").join("+") }, new RegExp(DEEP)],
  ["formatting", "format_query", { query: nest("(", "1", ")", 100_000) }, new RegExp(DEEP)],
  ["a deep chain that may be", "query", { query: Array(900).fill("up").join(" or ") }, /"status":"success"/],
  ["a string of 100 MB", "query", { query: `"${"a".repeat(100_000_000)}"` }, /too large|EPIPE|ECONNRESET/i],
  ["a string of 9 MB", "query", { query: `"${"a".repeat(9_000_000)}"` }, /too large|more than the 1048576/i],
  ["a string of 1 MB", "query", { query: `"${"a".repeat(1_000_000)}"` }, /"resultType":"string"/],
  [
    "steps without end",
    "query_range",
    { query: "up", start: "0", end: "1000000000", step: "1" },
    /exceeded maximum resolution of 11,000/,
  ],
  [
    "a subquery of steps without end",
    "query",
    { query: "count_over_time(up[30000d:1ms])" },
    /too many samples|more than/,
  ],
  ["nested subqueries", "query", { query: nest("max_over_time(", "up", "[1d:1s])", 20), ...SOON }, /"status"/],
  ["an expression made to backtrack", "query", { query: '{host=~"(h?o?s?t?)*(a*)*(b|c|.)*x$"}' }, /"status":"success"/],
  ["an expression of 60 kB", "query", { query: `{host=~"${"(a*)*".repeat(12_000)}x"}` }, /"status"/],
  [
    "an expression of 600 kB",
    "query",
    { query: `{host=~"${"(a*)*".repeat(120_000)}"}` },
    /more than 262144 characters/,
  ],
  ["repeats of repeats", "query", { query: '{host=~"((((a{30}){30}){30}){30})"}' }, /invalid repeat count/],
  ["every series", "query", { query: '{__name__=~".+"}' }, /"status":"success"/],
  ["every series, counted", "query", { query: 'count({__name__=~".+"})' }, /"status":"success"/],
  ["the best of everything", "query", { query: 'topk(1000000, {__name__=~".+"})' }, /"status":"success"/],
  ["a quantile of everything", "query", { query: 'quantile by (host) (0.9, {__name__=~".+"})' }, /"status":"success"/],
  ["the values of everything", "query", { query: 'count_values("v", {__name__=~".+"})' }, /"status":"success"/],
  [
    "everything joined",
    "query",
    { query: '{__name__=~"metric.+"} * on (i) {__name__=~"metric.+"}' },
    /"status":"success"/,
  ],
  [
    "labels that grow",
    "query",
    { query: nest("label_join(", '{__name__=~"metric_1.*"}', ',"path","","path","path","path","path")', 12), ...SOON },
    /"status":"error"/,
  ],
])("%s", async (_, path, form, expected) => {
  const { head } = await survives(path, { ...(path === "query" ? { time: now() } : {}), ...form });
  expect(head).toMatch(expected);
});

test.each<[string, Record<string, string>, RegExp]>([
  ["everything over time", range('{__name__=~".+"}', 280, "1"), /"status":"error"/],
  ["rates of everything", range('rate({__name__=~".+"}[1m])', 280, "1"), /"status":"error"/],
  ["the best of everything over time", range('topk(10, {__name__=~".+"})', 280, "1"), /"status"/],
  [
    "subqueries of 1 ms over everything",
    range('max_over_time({__name__=~".+"}[4m:1ms])', 280, "10"),
    /"status":"error"/,
  ],
])("%s", async (_, form, expected) => {
  const { head } = await survives("query_range", form);
  expect(head).toMatch(expected);
});

const EVERY = '{__name__=~".+"}';

test.each<[string, string, RegExp, number]>([
  ["every series listed", `api/v1/series?match[]=${encodeURIComponent(EVERY)}`, /^\{"status":"success"/, 5_000_000],
  [
    "every series listed by two selectors",
    `api/v1/series?match[]=${encodeURIComponent(EVERY)}&match[]=${encodeURIComponent('{i=~".+"}')}`,
    /^\{"status":"success"/,
    5_000_000,
  ],
  ["the first series", `api/v1/series?limit=3&match[]=${encodeURIComponent(EVERY)}`, /"warnings":\["results trunc/, 1],
  ["every value of a label", "api/v1/label/i/values", /^\{"status":"success"/, 500_000],
  ["every series federated", `federate?match[]=${encodeURIComponent(EVERY)}`, /^# TYPE metric_0 untyped/, 5_000_000],
])("%s", async (_, path, expected, least) => {
  const { head, bytes } = await survivesGet(path);
  expect(head).toMatch(expected);
  expect(bytes).toBeGreaterThan(least);
});

test("no scrape failed meanwhile, and scrapes continue", async () => {
  const [failed] = await instant(base, "count_over_time(up[1h]) - sum_over_time(up[1h])");
  expect(Number(failed!.value[1])).toBe(0);
  expect(await scrapes()).toBeGreaterThan(scrapesBefore);
});
