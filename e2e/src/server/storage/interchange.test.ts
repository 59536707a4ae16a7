import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Answers, answersOf, exemplarsOf, type StorageQueries } from "./answers.ts";
import { blocksIn, narthexTool, promtool } from "../../support/data-folder.ts";
import { eventually } from "../../support/eventually.ts";
import { MovingTarget } from "./moving-target.ts";
import { lacks } from "../../support/requirements.ts";
import { type Kind, serve, type Served } from "../../support/serving.ts";
import { Workplace } from "../../support/workplace.ts";

const STORAGE_FLAGS = [
  "--storage.tsdb.min-block-duration=4s",
  "--storage.tsdb.max-block-duration=12s",
  "--enable-feature=native-histograms,exemplar-storage",
  "--web.enable-admin-api",
];

/** Instant queries that are sent to both servers for the same past time. */
const INSTANT = [
  '{__name__=~".+"}',
  "requests_total[1h]",
  "wave[1h]",
  "fleeting[1h]",
  "odd[1h]",
  "latency_seconds[1h]",
  "queue_size[1h]",
  "late_total[1h]",
  "count by (job) (up)",
];
/** Range queries without rates of native histograms, which 3.5 and 3.14 extrapolate differently. */
const RANGE = [
  "rate(requests_total[2s])",
  "histogram_count(latency_seconds)",
  "histogram_avg(queue_size)",
  "resets(latency_seconds[4s])",
  "sum by (of) (histogram_sum(latency_seconds))",
  "fleeting",
  "topk(2, wave)",
];

test
  .skipIf(lacks("peers"))
  .concurrent("a data folder of Prometheus answers here as it does there, and dumps to the same bytes", async () => {
    using workplace = new Workplace();
    await using target = new MovingTarget();
    const port = await target.start();
    const folder = workplace.path("theirs");
    let until: number;
    let expected: Answers;
    {
      await using theirs = await start("prometheus", workplace, "theirs", port);
      await eventually("blocks and a checkpoint", async () => {
        expect(blocksIn(folder).length).toBeGreaterThanOrEqual(3);
        expect(readdirSync(join(folder, "wal")).some((name) => name.startsWith("checkpoint."))).toBe(true);
      });
      until = Date.now() / 1000 - 1;
      expected = await answersOf(theirs.base, queriesUntil(until));
      theirs.running.kill("SIGTERM");
      await theirs.running.ended;
    }
    sameTools(folder);
    cpSync(folder, workplace.path("copy"), { recursive: true });
    await using ours = await start("narthex", workplace, "copy");
    expect(await answersOf(ours.base, queriesUntil(until))).toEqual(expected);
    await using reopened = await start("prometheus", workplace, "theirs");
    await sameExemplars(ours.base, reopened.base, until - 12);
  });

test
  .skipIf(lacks("peers"))
  .concurrent(
    "a data folder of ours, left behind by a kill, answers in Prometheus as it did here, and promtool reads it",
    async () => {
      using workplace = new Workplace();
      await using target = new MovingTarget();
      const port = await target.start();
      const folder = workplace.path("ours");
      let until: number;
      let expected: Answers;
      let snapshot: string;
      {
        await using ours = await start("narthex", workplace, "ours", port);
        await eventually("blocks", async () => {
          expect(blocksIn(folder).length).toBeGreaterThanOrEqual(4);
        });
        until = Date.now() / 1000 - 1;
        expected = await answersOf(ours.base, queriesUntil(until));
        // The snapshot is taken while the server keeps scraping, as with a sidecar. Then the server is killed.
        snapshot = await takeSnapshot(ours, folder);
        ours.running.kill("SIGKILL");
        await ours.running.ended;
      }
      sameTools(folder);
      for (const id of blocksIn(snapshot)) promtool("analyze", snapshot, id);
      cpSync(snapshot, workplace.path("snapshot"), { recursive: true });
      await using restored = await start("prometheus", workplace, "snapshot");
      expect(await answersOf(restored.base, queriesUntil(until))).toEqual(expected);
      const analyses = blocksIn(folder).map((id) => promtool("analyze", "--extended", folder, id));
      expect(analyses.join("")).toContain("samples per histogram chunk (min/avg/max):");
      cpSync(folder, workplace.path("copy"), { recursive: true });
      await using theirs = await start("prometheus", workplace, "copy");
      expect(await answersOf(theirs.base, queriesUntil(until))).toEqual(expected);
      await using reopened = await start("narthex", workplace, "ours");
      await sameExemplars(reopened.base, theirs.base, until - 12);
    },
  );

/** Requests a snapshot. Resolves with its folder. */
async function takeSnapshot({ base }: Served, folder: string): Promise<string> {
  const response = await fetch(`${base}/api/v1/admin/tsdb/snapshot`, { method: "POST" });
  return join(folder, "snapshots", ((await response.json()) as { data: { name: string } }).data.name);
}

/** Starts a server on a data folder. Without a target port the server scrapes nothing. */
const start = (kind: Kind, workplace: Workplace, data: string, targetPort?: number): Promise<Served> =>
  serve(kind, workplace, data, { config: scrapeConfig(kind, targetPort), flags: STORAGE_FLAGS });

function scrapeConfig(kind: Kind, port: number | undefined): string {
  const global =
    "global: {scrape_interval: 200ms, scrape_timeout: 200ms}\nstorage: {exemplars: {max_exemplars: 100000}, tsdb: {out_of_order_time_window: 10m}}\n";
  if (port === undefined) return global;
  const native = kind === "narthex" ? "scrape_native_histograms: true, " : "";
  const job = (name: string, more: string): string =>
    `- {job_name: ${name}, metrics_path: /${name}, ${more}static_configs: [{targets: ['127.0.0.1:${port}']}]}\n`;
  return `${global}scrape_configs:\n${job("text", "")}${job("late", "")}${job("native", `${native}scrape_protocols: [PrometheusProto], `)}`;
}

const queriesUntil = (until: number): StorageQueries => ({
  instant: INSTANT,
  range: RANGE,
  start: until - 12,
  end: until,
  step: "0.5",
  label: "handler",
});

/**
 * Compares the exemplars of both servers after they have started with the same log. Prometheus omits exemplars that are
 * as old as its blocks; our server must have all exemplars that Prometheus has.
 */
async function sameExemplars(ours: string, theirs: string, from: number): Promise<void> {
  const until = from + 600;
  const other = await exemplarsOf(theirs, "requests_total", from, until);
  const oldest = Math.min(...other.flatMap(({ exemplars }) => exemplars.map(({ timestamp }) => timestamp)));
  const own = await exemplarsOf(ours, "requests_total", oldest, until);
  expect(own).toEqual(other);
  expect(own).not.toEqual([]);
}

/** Checks that our promtool and Prometheus' promtool list the same blocks and print the same samples, byte for byte. */
function sameTools(dir: string): void {
  for (const command of ["list", "dump", "dump-openmetrics"]) {
    const theirs = promtool(command, dir);
    const ours = narthexTool(command, dir);
    expect(ours.split("\n").length).toBe(theirs.split("\n").length);
    expect(ours === theirs).toBe(true);
  }
}
