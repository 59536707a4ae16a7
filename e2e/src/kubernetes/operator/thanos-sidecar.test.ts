import { linkSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Labels } from "@narthex/model";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { openTsdb } from "@narthex/tsdb";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { appendSeries } from "../../support/append-series.ts";
import { blockMetadata, blocksIn } from "../../support/data-folder.ts";
import { eventually } from "../../support/eventually.ts";
import { api, instant } from "../../support/query.ts";
import { Workplace } from "../../support/workplace.ts";
import { MovedContainer } from "../moved-container.ts";
import { OPERATED_SERVERS } from "./operated-servers.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = 24 * HOUR * 18_000;
const BLOCKS = 6;

const CONFIG = `global:
  external_labels: {prometheus: monitoring/main, prometheus_replica: prometheus-main-0}
storage: {tsdb: {out_of_order_time_window: 10m, retention: {time: 100y}}}
`;

/** Writes TSDB blocks of two hours, as a server with disabled compaction does. */
async function write(dir: string): Promise<void> {
  const options = { clock: new ManualClock(), logger: memoryLogger(), retentionMs: 0, maxBlockDurationMs: 2 * HOUR };
  await using db = await openTsdb(dir, options);
  for (let i = 0; i < BLOCKS + 2; i++) {
    const timestamps = Array.from({ length: 120 }, (_, k) => START + i * 2 * HOUR + k * MINUTE);
    const values = Float64Array.from(timestamps, (_, k) => k);
    const series = { labels: Labels.of({ __name__: "shipped_total" }), timestamps, values, histograms: [] };
    // oxlint-disable-next-line no-await-in-loop -- series are appended in order of time
    await appendSeries(db.appendable, [series]);
    // oxlint-disable-next-line no-await-in-loop -- each block is written before the next samples
    await db.maintain();
  }
}

const start = (workplace: Workplace, args: readonly string[]): Promise<MovedContainer> =>
  MovedContainer.start(workplace, {
    role: "server",
    container: {
      args: [
        ...args.filter((arg) => !arg.includes("retention")),
        "--storage.tsdb.block-reload-interval=1s",
        "--web.enable-own-metrics",
      ],
      readinessProbe: { httpGet: { path: "/-/ready", port: "web" } },
    },
    files: {
      "/etc/prometheus/config_out/prometheus.env.yaml": CONFIG,
      "/etc/prometheus/web_config/web-config.yaml": "",
    },
  });

const withStorage = OPERATED_SERVERS.filter(({ resource }) => resource.includes("objectStorageConfig"));
const [disabled, delayed] = withStorage.map(({ args }) => args) as [readonly string[], readonly string[]];

/** Returns the number of times that the server has reloaded its TSDB blocks. */
async function reloads(base: string): Promise<number> {
  const text = await (await fetch(`${base}/metrics`)).text();
  return Number(/^prometheus_tsdb_reloads_total (\d+)$/m.exec(text)?.[1]);
}

async function afterReloads(base: string): Promise<void> {
  const before = await reloads(base);
  await eventually("blocks have been looked at", async () => expect(await reloads(base)).toBeGreaterThan(before + 2));
}

/**
 * Prepares a TSDB block for upload as the Thanos sidecar does: creates hard links in a folder next to the blocks, and
 * adds labels to meta.json.
 */
function ship(data: string, block: string): Record<string, unknown> {
  const target = join(data, "thanos/upload", block);
  mkdirSync(join(target, "chunks"), { recursive: true });
  linkSync(join(data, block, "index"), join(target, "index"));
  for (const name of readdirSync(join(data, block, "chunks")))
    linkSync(join(data, block, "chunks", name), join(target, "chunks", name));
  const meta = JSON.parse(readFileSync(join(data, block, "meta.json"), "utf8")) as Record<string, unknown>;
  const thanos = { labels: { prometheus: "monitoring/main" }, downsample: { resolution: 0 }, source: "sidecar" };
  writeFileSync(join(target, "meta.json"), JSON.stringify({ ...meta, thanos }));
  return meta;
}

test.concurrent("the server answers all requests of a Thanos sidecar's start", async () => {
  using workplace = new Workplace();
  await write(workplace.path("prometheus"));
  await using run = await start(workplace, disabled);
  await run.probed();
  const flags = await api<Record<string, string>>(run.base, "status/flags");
  // The Thanos sidecar only uploads blocks if the minimum and maximum block lengths are equal and the server uses the
  // sidecar's data folder.
  expect(flags).toMatchObject({
    "storage.tsdb.min-block-duration": "2h",
    "storage.tsdb.max-block-duration": "2h",
    "storage.tsdb.path": workplace.path("prometheus"),
    "web.enable-lifecycle": "true",
    "web.enable-admin-api": "false",
  });
  const { version } = await api<{ version: string }>(run.base, "status/buildinfo");
  expect(version).toMatch(/^3\.\d+\.\d+$/);
  const { yaml } = await api<{ yaml: string }>(run.base, "status/config");
  expect((parse(yaml) as { global: unknown }).global).toMatchObject({
    external_labels: { prometheus: "monitoring/main", prometheus_replica: "prometheus-main-0" },
  });
  // The server's metrics, which include the start of the time range of its data.
  const metrics = await (await run.request("/metrics")).text();
  expect(Number(/^prometheus_tsdb_lowest_timestamp_seconds (\S+)$/m.exec(metrics)?.[1])).toBe(START / 1000);
});

test.concurrent("with blocks of one length no block is merged, and a shipper links them while the server runs", async () => {
  using workplace = new Workplace();
  const data = workplace.path("prometheus");
  await write(data);
  const before = blocksIn(data).toSorted();
  expect(before.length).toBeGreaterThanOrEqual(BLOCKS);
  await using run = await start(workplace, disabled);
  await run.probed();
  for (const block of before) {
    const meta = ship(data, block);
    expect(meta).toMatchObject({ ulid: block, version: 1, compaction: { level: 1, sources: [block] } });
    expect((meta["stats"] as { numSamples: number }).numSamples).toBeGreaterThan(0);
  }
  await afterReloads(run.base);
  expect(blockMetadata(data).every(({ level, minTime, maxTime }) => level === 1 && maxTime - minTime <= 2 * HOUR)).toBe(
    true,
  );
  expect(blocksIn(data)).toEqual(expect.arrayContaining(before));
  const time = (START + BLOCKS * 2 * HOUR) / 1000;
  const [counted] = await instant(run.base, "count_over_time(shipped_total[12h])", time);
  expect(Number(counted!.value[1])).toBe(12 * 60);
  expect(readdirSync(join(data, "thanos/upload")).toSorted()).toEqual(before);
});

test.concurrent("with the shipper's list, blocks are merged when they are in the list", async () => {
  using workplace = new Workplace();
  const data = workplace.path("prometheus");
  await write(data);
  const before = blocksIn(data);
  const list = (uploaded: readonly string[]): void =>
    writeFileSync(join(data, "thanos.shipper.json"), JSON.stringify({ version: 1, uploaded }));
  list([]);
  {
    await using run = await start(workplace, delayed);
    await run.probed();
    await afterReloads(run.base);
    expect(blockMetadata(data).map(({ level }) => level)).toEqual(before.map(() => 1));
  }
  // A server that starts reads the list of TSDB blocks at once; a running server reads it once a minute.
  list(blocksIn(data));
  await using run = await start(workplace, delayed);
  await run.probed();
  await eventually("blocks are merged", () => {
    expect(Math.max(...blockMetadata(data).map(({ level }) => level))).toBeGreaterThan(1);
    return Promise.resolve();
  });
});
