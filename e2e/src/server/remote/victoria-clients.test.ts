import { existsSync } from "node:fs";
import { join } from "node:path";
import { Labels } from "@narthex/model";
import { expect, test } from "vitest";
import { countingTarget } from "../../support/counting-target.ts";
import { eventually } from "../../support/eventually.ts";
import { freePort } from "../../support/ports.ts";
import { instant, untilQuery } from "../../support/query.ts";
import { remoteWrite } from "../../support/remote-write.ts";
import { lacks, peers } from "../../support/requirements.ts";
import { Running } from "../../support/running.ts";
import { type Kind, type Served, serve } from "../../support/serving.ts";
import { Workplace } from "../../support/workplace.ts";

const VICTORIA = ["vmagent", "vmalert", "vmctl", "victoria-metrics"] as const;
const absent = lacks("peers") || VICTORIA.some((name) => !existsSync(join(peers, name)));

const RECEIVER = "--web.enable-remote-write-receiver";
const STEP_MS = 15_000;
const SAMPLES = 120;
/** End of the written samples, ms. The time is a multiple of the rules' step, a minute. */
const END = Math.floor(Date.now() / 60_000) * 60_000;
const START = END - SAMPLES * STEP_MS;

/** Writes half an hour of counters of ten instances. One counter has a reset. */
const load = (base: string): Promise<void> =>
  remoteWrite(
    base,
    Array.from({ length: 10 }, (_, i) => ({
      labels: Labels.of({ __name__: "requests_total", instance: `i${i}`, job: "api" }),
      timestamps: Array.from({ length: SAMPLES }, (_, step) => START + step * STEP_MS),
      values: Float64Array.from({ length: SAMPLES }, (_, step) => (i === 3 ? step % 50 : step * (i + 1))),
      histograms: [],
    })),
  );

const RULES = `
groups:
  - name: replayed
    interval: 1m
    rules:
      - record: job:requests:rate5m
        expr: sum by (job) (rate(requests_total[5m]))
      - record: instance:requests:increase5m
        expr: increase(requests_total[5m])
      - alert: Busy
        expr: rate(requests_total[5m]) > 0.3
        labels: {severity: page}
`;

/** Resolves with the result of an instant query as sorted texts, which are comparable between servers. */
async function stored(base: string, query: string, time: number): Promise<readonly string[]> {
  const result = await instant(base, query, time);
  return result
    .map(({ metric, ...rest }) => JSON.stringify({ metric: Object.entries(metric).toSorted(), ...rest }))
    .toSorted();
}

async function replayed(kind: Kind, workplace: Workplace): Promise<readonly string[]> {
  await using server = await serve(kind, workplace, kind, {
    // Accepts out-of-order samples, because vmalert uses several connections, so that the samples of a series may
    // arrive in another order.
    config: "storage: {tsdb: {out_of_order_time_window: 2h}}\n",
    flags: [RECEIVER],
  });
  await load(server.base);
  await using vmalert = new Running(join(peers, "vmalert"), [
    `-rule=${workplace.write("rules.yml", RULES)}`,
    `-datasource.url=${server.base}`,
    `-remoteWrite.url=${server.base}`,
    "-notifier.blackhole",
    `-replay.timeFrom=${new Date(START).toISOString()}`,
    `-replay.timeTo=${new Date(END).toISOString()}`,
    "-replay.rulesDelay=0s",
    "-replay.disableProgressBar",
    `-httpListenAddr=127.0.0.1:${await freePort()}`,
  ]);
  expect(await vmalert.ended, vmalert.output).toMatchObject({ code: 0 });
  const names = '{__name__=~"job:.*|instance:.*|ALERTS|ALERTS_FOR_STATE"}[1h]';
  return await stored(server.base, names, END / 1000 + 60);
}

test.skipIf(absent)("vmalert evaluates its rules over the past and writes their results back", async () => {
  using workplace = new Workplace();
  const ours = await replayed("narthex", workplace);
  // Number of expected series: one sum, ten increases, and an alert with its state for each of the six busy instances.
  expect(ours).toHaveLength(1 + 10 + 2 * 6);
  expect(ours).toEqual(await replayed("prometheus", workplace));
});

test.skipIf(absent).each([
  { about: "in Prometheus' protocol", flags: [RECEIVER], agent: ["-remoteWrite.forcePromProto"] },
  {
    about: "in its own protocol",
    flags: [RECEIVER, "--web.remote-write-receiver.zstd"],
    agent: ["-remoteWrite.forceVMProto"],
  },
  { about: "in the one of them that is taken", flags: [RECEIVER], agent: [] },
])("vmagent writes what it scrapes $about", async ({ flags, agent }) => {
  using workplace = new Workplace();
  await using target = await countingTarget("ticks_total", 500);
  await using server = await serve("narthex", workplace, "data", { config: "", flags });
  const config = `
scrape_configs:
  - job_name: wide
    scrape_interval: 1s
    static_configs: [{targets: ['127.0.0.1:${target.port}']}]
`;
  await using vmagent = new Running(join(peers, "vmagent"), [
    `-promscrape.config=${workplace.write("vmagent.yml", config)}`,
    `-remoteWrite.url=${server.base}/api/v1/write`,
    `-remoteWrite.tmpDataPath=${workplace.path("queue")}`,
    `-httpListenAddr=127.0.0.1:${await freePort()}`,
    ...agent,
  ]);
  expect(vmagent.hasEnded).toBe(false);
  await untilQuery(server.base, 'max(ticks_total{job="wide"})', ([one]) => Number(one?.value[1]) >= 3);
  expect(await instant(server.base, 'count(wide_metric{job="wide"})')).toMatchObject([
    { value: [expect.anything(), "500"] },
  ]);
});

test.skipIf(absent)("vmctl copies stored data to VictoriaMetrics, sample by sample", async () => {
  using workplace = new Workplace();
  await using server = await serve("narthex", workplace, "data", {
    config: "",
    flags: [RECEIVER, "--web.enable-admin-api"],
  });
  await load(server.base);
  const snapshot = workplace.path("data", "snapshots", await takeSnapshot(server));
  const migrations = [
    ["prometheus", `--prom-snapshot=${snapshot}`, `--prom-tmp-dir-path=${workplace.folder}`],
    ["remote-read", ...remoteRead(server.base)],
    ["remote-read", ...remoteRead(server.base), "--remote-read-use-stream"],
  ];
  const expected = await stored(server.base, "requests_total[1h]", END / 1000);
  const migrate = async (args: readonly string[], i: number): Promise<void> => {
    const port = await freePort();
    const victoria = `http://127.0.0.1:${port}`;
    await using running = new Running(join(peers, "victoria-metrics"), [
      `-storageDataPath=${workplace.path(`victoria-${i}`)}`,
      `-httpListenAddr=127.0.0.1:${port}`,
      "-search.disableCache",
      "-search.latencyOffset=0",
    ]);
    await running.ready(`${victoria}/health`);
    const target = ["-s", "--disable-progress-bar", `--vm-addr=${victoria}`];
    await using vmctl = new Running(join(peers, "vmctl"), [...args, ...target]);
    expect(await vmctl.ended, vmctl.output).toMatchObject({ code: 0 });
    await eventually(`VictoriaMetrics answers with what it has by ${args[0]}`, async () =>
      expect(await stored(victoria, "requests_total[1h]", END / 1000)).toEqual(expected),
    );
  };
  await Promise.all(migrations.map(migrate));
});

const remoteRead = (base: string): readonly string[] => [
  `--remote-read-src-addr=${base}`,
  `--remote-read-filter-time-start=${new Date(START).toISOString()}`,
  `--remote-read-filter-time-end=${new Date(END).toISOString()}`,
  "--remote-read-step-interval=hour",
];

const takeSnapshot = async ({ base }: Served): Promise<string> => {
  const response = await fetch(`${base}/api/v1/admin/tsdb/snapshot`, { method: "POST" });
  return ((await response.json()) as { data: { name: string } }).data.name;
};
