import { setTimeout as pause } from "node:timers/promises";
import { seededRandom } from "@narthex/runtime";
import { testSeed } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { countingTarget } from "../../support/counting-target.ts";
import { eventually } from "../../support/eventually.ts";
import { api, instant, untilQuery } from "../../support/query.ts";
import { narthex, type Running } from "../../support/running.ts";
import { freePort } from "../../support/ports.ts";
import { Workplace } from "../../support/workplace.ts";
import { mayMount, SmallDisk } from "./small-disk.ts";

const ROUNDS = 10;
const SERIES = 200;

type Samples = readonly (readonly [number, string])[];

interface Matrix {
  readonly result: readonly { readonly values: Samples }[];
}

test(`a server that is killed ${ROUNDS} times during scrapes keeps every sample that a query had shown`, async () => {
  using workplace = new Workplace();
  await using target = await countingTarget("changing_total", SERIES);
  const { base, start } = await serverOn(workplace, workplace.path("data"), target.port);
  const shown = new Map<number, string>();
  const random = seededRandom(testSeed());
  for (let round = 0; round < ROUNDS; round++) {
    await using server = start();
    await server.ready(`${base}/-/ready`);
    await expectAll(base, shown);
    const before = shown.size;
    await eventually("new samples are shown", async () => {
      for (const [time, value] of await samplesOf(base)) shown.set(time, value);
      if (shown.size < before + 3) throw new Error(`${shown.size - before} so far`);
    });
    await pause(random() * 200);
    for (const [time, value] of await samplesOf(base)) shown.set(time, value);
    server.kill("SIGKILL");
    await server.ended;
  }
  await using server = start();
  await server.ready(`${base}/-/ready`);
  await expectAll(base, shown);
  expect(shown.size).toBeGreaterThan(ROUNDS * 3);
});

test.skipIf(!mayMount())(
  "a server on a full disk keeps answering, reports it once, and continues when there is space (needs root for tmpfs)",
  async () => {
    using workplace = new Workplace();
    await using target = await countingTarget("changing_total", SERIES);
    using disk = new SmallDisk(workplace.path("disk"), 8);
    const { base, start } = await serverOn(workplace, `${disk.path}/data`, target.port);
    await using server = start();
    await server.ready(`${base}/-/ready`);
    await untilQuery(base, "count_over_time(changing_total[1m])", (result) => Number(result[0]?.value[1]) >= 5);
    disk.fill();
    const failures = async (): Promise<number> => metricOf(base, "prometheus_tsdb_wal_writes_failed_total");
    await eventually("writes fail", async () => expect(await failures()).toBeGreaterThan(3));
    const shown = await samplesOf(base);
    expect(shown.length).toBeGreaterThanOrEqual(5);
    expect(server.output.match(/writing the WAL .* failed/g)).toHaveLength(1);
    disk.free();
    const last = shown.at(-1)![0];
    await eventually("it goes on by itself", async () => {
      expect((await samplesOf(base)).at(-1)![0]).toBeGreaterThan(last);
    });
    expect(server.output.match(/writing the WAL .* works again/g)).toHaveLength(1);
    const before = new Map(await samplesOf(base));
    server.kill("SIGKILL");
    await server.ended;
    await using again = start();
    await again.ready(`${base}/-/ready`);
    await expectAll(base, before);
  },
);

async function serverOn(
  workplace: Workplace,
  data: string,
  targetPort: number,
): Promise<{ base: string; start: () => Running }> {
  const port = await freePort();
  workplace.write(
    "prometheus.yml",
    `global: {scrape_interval: 100ms, scrape_timeout: 100ms}\nscrape_configs:\n- job_name: t\n` +
      `  static_configs: [{targets: ['127.0.0.1:${targetPort}']}]\n`,
  );
  return {
    base: `http://127.0.0.1:${port}`,
    start: () =>
      narthex([
        "server",
        `--config.file=${workplace.path("prometheus.yml")}`,
        `--storage.tsdb.path=${data}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ]),
  };
}

async function samplesOf(base: string): Promise<Samples> {
  const { result } = await api<Matrix>(base, "query", { query: "changing_total[10m]" });
  return result[0]?.values ?? [];
}

async function expectAll(base: string, shown: ReadonlyMap<number, string>): Promise<void> {
  if (shown.size === 0) return;
  const found = new Map(await samplesOf(base));
  const missing = [...shown].filter(([time, value]) => found.get(time) !== value);
  expect(missing).toEqual([]);
  const counted = await instant(base, "count(wide_metric)");
  // Checks that each scrape was stored completely or not at all.
  for (const { value } of counted) expect(value[1]).toBe(String(SERIES));
}

async function metricOf(base: string, name: string): Promise<number> {
  const text = await (await fetch(`${base}/metrics`)).text();
  return Number(new RegExp(`^${name} (.+)$`, "m").exec(text)?.[1]);
}
