import { existsSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Labels } from "@narthex/model";
import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { freePort } from "../../support/ports.ts";
import { untilQuery } from "../../support/query.ts";
import { remoteWrite } from "../../support/remote-write.ts";
import { lacks, peers } from "../../support/requirements.ts";
import { Running } from "../../support/running.ts";
import { type Served, serve } from "../../support/serving.ts";
import { Workplace } from "../../support/workplace.ts";
import { metricsOf } from "./long-term-store-metrics.ts";

const absent = lacks("peers") || !existsSync(join(peers, "victoria-metrics"));
const FLAGS = ["--web.enable-remote-write-receiver", "--web.enable-lifecycle", "--web.enable-own-metrics"];
const MINUTE = 60_000;
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE;
/** Times in ms of the last samples that the first server and the second server have written. */
const [FIRST, SECOND] = [NOW - 90 * MINUTE, NOW - 30 * MINUTE];

/** Writes a counter with one sample per minute between `from` and `to`. */
const minutes = (base: string, series: string | Labels, from: number, to: number): Promise<void> =>
  remoteWrite(base, [
    {
      labels: typeof series === "string" ? Labels.of({ __name__: series, job: "clock" }) : series,
      timestamps: Array.from({ length: (to - from) / MINUTE }, (_, i) => from + i * MINUTE),
      values: Float64Array.from({ length: (to - from) / MINUTE }, (_, i) => (from - FIRST) / MINUTE + i),
      histograms: [],
    },
  ]);

interface Answer {
  readonly status: string;
  readonly data: unknown;
  readonly warnings?: readonly string[];
}

const get = async ({ base }: Served, path: string): Promise<Answer> =>
  (await (await fetch(`${base}/api/v1/${path}`)).json()) as Answer;

/** Resolves with the number of samples of the test's counter in the last two hours, and with the query's warnings. */
async function samplesOf(server: Served): Promise<{ readonly count: number; readonly warnings: readonly string[] }> {
  const { data, warnings = [] } = await get(server, `query?query=minutes_total[2h]&time=${NOW / 1000}`);
  const [series] = (data as { result: readonly { metric: object; values: readonly unknown[] }[] }).result;
  expect(series?.metric).toEqual({ __name__: "minutes_total", job: "clock" });
  return { count: series!.values.length, warnings };
}

/**
 * Resolves with the number of requests that the server did not send to the long-term store, because the store had
 * failed.
 */
async function skipped({ base }: Served): Promise<number> {
  const metrics = await metricsOf(base);
  return metrics.get('narthex_long_term_store_requests_total{outcome="skipped",request="samples"}') ?? 0;
}

async function reload({ base }: Served, workplace: Workplace, name: string, config: string): Promise<void> {
  workplace.write(name, config);
  const response = await fetch(`${base}/-/reload`, { method: "POST" });
  expect([response.status, await response.text()]).toEqual([200, ""]);
}

const victoria = async (workplace: Workplace, port: number): Promise<Running> => {
  const running = new Running(join(peers, "victoria-metrics"), [
    `-storageDataPath=${workplace.path("victoria")}`,
    `-httpListenAddr=127.0.0.1:${port}`,
  ]);
  await running.ready(`http://127.0.0.1:${port}/health`);
  return running;
};

test.skipIf(absent)(
  "a server whose folder is lost reads its history from the store, and continues without the store",
  async () => {
    using workplace = new Workplace();
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const config = `
global: {external_labels: {site: here}}
long_term_store: {kind: victoriametrics, url: "${url}", remote_write: {queue_config: {batch_send_deadline: 100ms}}}
`;
    await using store = await victoria(workplace, port);
    {
      await using first = await serve("narthex", workplace, "first", { config, flags: FLAGS });
      await minutes(first.base, "minutes_total", FIRST, SECOND);
      await minutes(first.base, "gone_total", FIRST, SECOND);
      await eventually("all samples have been sent", async () => {
        await fetch(`${url}/internal/force_flush`);
        const sent = await (await fetch(`${url}/api/v1/export?match[]={site="here",job="clock"}`)).text();
        if ((sent.match(/\d+e?\d*,|\d\]/g) ?? []).length < 4 * 60) throw new Error(sent);
      });
    }
    // The sender is killed, and then sends the samples of this series again, so that the store contains them twice.
    const twice = Labels.of({ __name__: "minutes_total", job: "clock", site: "here" });
    await minutes(url, twice, FIRST, SECOND);
    await eventually("samples are there twice", async () => {
      await fetch(`${url}/internal/force_flush`);
      const stored = await (await fetch(`${url}/api/v1/export?match[]=minutes_total`)).text();
      const times = stored
        .trim()
        .split("\n")
        .flatMap((line) => (JSON.parse(line) as { timestamps: number[] }).timestamps);
      if (times.length !== 2 * 60 || new Set(times).size !== 60) throw new Error(stored);
    });
    await using second = await serve("narthex", workplace, "second", { config, flags: FLAGS });
    await minutes(second.base, "minutes_total", SECOND, NOW);
    expect(await samplesOf(second)).toEqual({ count: 90, warnings: [] });
    const range = `start=${FIRST / 1000}&end=${NOW / 1000}`;
    const match = `match[]=${encodeURIComponent('{job="clock"}')}`;
    expect((await get(second, `series?${match}&${range}`)).data).toEqual([
      { __name__: "gone_total", job: "clock" },
      { __name__: "minutes_total", job: "clock" },
    ]);
    expect((await get(second, `labels?${match}&${range}`)).data).toEqual(["__name__", "job"]);
    expect((await get(second, `label/__name__/values?${match}&${range}`)).data).toEqual([
      "gone_total",
      "minutes_total",
    ]);

    // The metric with the time before which samples are read only from the long-term store.
    const before = await metricsOf(second.base);
    expect(before.get("narthex_long_term_store_border_timestamp_seconds")).toBe(SECOND / 1000);
    await get(
      second,
      `query_range?query=rate(minutes_total[5m])&start=${SECOND / 1000 + 301}&end=${NOW / 1000}&step=60`,
    );
    await get(second, `series?${match}&start=${SECOND / 1000}&end=${NOW / 1000}`);
    const requests = (metrics: ReadonlyMap<string, number>): (readonly [string, number])[] =>
      [...metrics].filter(([name]) => name.startsWith("narthex_long_term_store_requests_total"));
    expect(requests(await metricsOf(second.base))).toEqual(requests(before));

    // Stops the store gracefully, so that it keeps accepted samples.
    store.kill("SIGTERM");
    await store.ended;
    const warning = expect.stringMatching(/^long_term_store http:\/\/127\.0\.0\.1:\d+: .*(?:refused|reset|EOF)/);
    expect(await samplesOf(second)).toEqual({ count: 30, warnings: [warning] });
    const names = await get(second, `label/__name__/values?${match}&${range}`);
    expect(names).toEqual({ status: "success", data: ["minutes_total"], warnings: [warning] });
    expect((await metricsOf(second.base)).get("narthex_long_term_store_up")).toBe(0);

    await using again = await victoria(workplace, port);
    await eventually("the store is queried again", async () => {
      expect(await samplesOf(second)).toEqual({ count: 90, warnings: [] });
    });

    again.kill("SIGTERM");
    await again.ended;
    await reload(
      second,
      workplace,
      "second-narthex.yml",
      `${config}rule_files: [${workplace.write("rules.yml", RULES)}]\n`,
    );
    await untilQuery(second.base, "minutes:count2h", ([one]) => one?.value[1] === "30");
  },
);

const RULES = `
groups:
  - name: over both
    interval: 1s
    rules: [{record: 'minutes:count2h', expr: 'count_over_time(minutes_total[2h])'}]
`;

/** Invalid answers of a fake long-term store, each by its description. */
const ODD: Readonly<Record<string, (response: ServerResponse) => void>> = {
  html: (response) => response.end("<html>\n<title>Sign in</title>\n</html>\n"),
  failing: (response) => response.writeHead(503).end("no disk"),
  torn: (response) => response.end('{"metric":{"__name__":"minutes_total"},"values":[1,2'),
  cut(response) {
    response.writeHead(200, { "content-length": "1000" });
    response.write('{"metric":');
    setImmediate(() => response.destroy());
  },
  silent: () => {},
  dripping(response) {
    response.write('{"metric":{"__name__":"minutes_total"},"values":[1');
  },
  endless(response) {
    const piece = "1,".repeat(512 * 1024);
    response.write('{"metric":{"__name__":"minutes_total"},"values":[');
    const more = (): void => {
      while (!response.destroyed && response.write(piece));
    };
    response.on("drain", more);
    more();
  },
  "other series": (response) =>
    response.end('{"metric":{"__name__":"other_total"},"values":[1],"timestamps":[1600000000000]}\n'),
  "other times": (response) =>
    response.end('{"metric":{"__name__":"minutes_total"},"values":[1],"timestamps":[1600000000000]}\n'),
};

test.skipIf(lacks("peers"))("a slow or faulty store costs at most a warning and its time limit", async () => {
  using workplace = new Workplace();
  await using odd = await oddStore();
  const config = (path: string): string =>
    `long_term_store: {kind: victoriametrics, url: "${odd.base}/${encodeURIComponent(path)}", timeout: 500ms, send: false}\n`;
  await using server = await serve("narthex", workplace, "ours", { config: config("html"), flags: FLAGS });
  await minutes(server.base, "minutes_total", SECOND, NOW);
  for (const path of Object.keys(ODD)) {
    // oxlint-disable no-await-in-loop -- one configuration after the other
    await reload(server, workplace, "ours-narthex.yml", config(path));
    const before = await skipped(server);
    const { count, warnings } = await samplesOf(server);
    expect([path, count, warnings]).toEqual([path, 30, [expect.stringMatching(/^long_term_store http/)]]);
    const again = await samplesOf(server);
    expect([path, again.count, again.warnings]).toEqual([path, 30, [expect.stringMatching(/^long_term_store http/)]]);
    // Skips the path `endless`. A response that is too long does not count as a failure of the store, so the server
    // continues to query the store.
    if (path === "endless") continue;
    await eventually("queries are answered without asking the store", async () => {
      const later = await samplesOf(server);
      if ((await skipped(server)) <= before) throw new Error(later.warnings.join());
    });
  }
  const { data } = await get(server, "status/config");
  expect((data as { yaml: string }).yaml).toContain("long_term_store:\n  kind: victoriametrics\n");
  await reload(server, workplace, "ours-narthex.yml", "global: {}\n");
  expect(await samplesOf(server)).toEqual({ count: 30, warnings: [] });
});

async function oddStore(): Promise<AsyncDisposable & { readonly base: string }> {
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      const [, path = ""] = decodeURIComponent(request.url ?? "").split("/");
      ODD[path]!(response);
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
