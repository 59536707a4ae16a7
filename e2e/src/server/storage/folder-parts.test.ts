import { cpSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { Matcher } from "@narthex/model";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { openTsdb } from "@narthex/tsdb";
import { expect, test } from "vitest";
import { type Answers, answersOf, exemplarsOf, type StorageQueries } from "./answers.ts";
import { appendSeries } from "../../support/append-series.ts";
import { blockMetadata, narthexTool, promtool } from "../../support/data-folder.ts";
import { deleteSeries } from "./delete-series.ts";
import { remoteWrite, type WrittenSeries } from "../../support/remote-write.ts";
import { lacks } from "../../support/requirements.ts";
import { type Kind, serve, type Served } from "../../support/serving.ts";
import { settled } from "./settled.ts";
import { Workplace } from "../../support/workplace.ts";
import { lateHour, tracedHour, writtenHour } from "./written-hours.ts";

const HOUR = 3_600_000;
const HOURS = 13;
const START = 54 * HOUR * 8000;
/** End of the written samples, and end of the time range of the first deletion. */
const [END, DELETED_TO] = [START + HOURS * HOUR, START + (HOURS - 1) * HOUR];
const FLAGS = [
  "--web.enable-remote-write-receiver",
  "--web.enable-admin-api",
  "--enable-feature=native-histograms,exemplar-storage",
];
const NATIVE_ONLY = FLAGS.slice(1);
const CONFIG = "storage: {exemplars: {max_exemplars: 10000}, tsdb: {out_of_order_time_window: 2h}}\n";

/**
 * Queries of the values from which rates are computed. Rates of histograms are left out, because versions 3.5 and 3.14
 * extrapolate them differently.
 */
const QUERIES: StorageQueries = {
  instant: [
    "count by (__name__) ({__name__=~'.+'})",
    "fine_total[13h]",
    "coarse_2[13h]",
    "coarse_3[13h]",
    "short_lived[13h]",
    "latency_seconds[13h]",
    "mixed[13h]",
    "late_total[13h]",
    "late_seconds[13h]",
  ],
  range: [
    "rate(fine_total[5m])",
    "rate(late_total[10m])",
    "histogram_count(latency_seconds)",
    "histogram_sum(latency_seconds)",
    "histogram_count(late_seconds)",
    "histogram_avg(latency_seconds)",
    "resets(latency_seconds[30m])",
    "sum by (instance) (coarse_2)",
    "count_over_time(coarse_3[20m])",
  ],
  start: START / 1000,
  end: END / 1000,
  step: "300",
  label: "i",
};

/**
 * Deletions from blocks and the head. The first deletes all samples of a series; the second keeps the samples of the
 * last hour.
 */
const DELETIONS = [
  { selector: { __name__: "coarse_2", instance: "host-2" }, end: END },
  { selector: { __name__: "coarse_3" }, end: DELETED_TO },
] as const;

test.skipIf(lacks("peers"))(
  "blocks, tombstones, checkpoint, log, head chunks, late samples, histograms and exemplars of each program can be read by both",
  async () => {
    using workplace = new Workplace();
    const [theirs, live] = [workplace.path("theirs"), await writeTheirs(workplace)];
    await writeOurs(workplace.path("ours"));
    for (const folder of [theirs, workplace.path("ours")]) {
      expect(partsOf(folder)).toEqual(ALL_PARTS);
      sameDumps(folder);
    }
    expect(promtool("dump", workplace.path("ours")) === promtool("dump", theirs)).toBe(true);
    for (const kind of ["prometheus", "narthex"] as const) {
      for (const folder of ["theirs", "ours"]) {
        // oxlint-disable-next-line no-await-in-loop -- one server at a time reads the folder
        expect(await contentsOnCopy(kind, workplace, folder), `${folder} in ${kind}`).toEqual(live);
      }
    }
  },
);

interface FolderContents {
  readonly answers: Answers;
  /**
   * Exemplars of the last hour. Older exemplars are left out, because Prometheus' write-ahead log keeps no exemplars
   * that are older than its head.
   */
  readonly exemplars: unknown;
}

async function contentsOf(base: string): Promise<FolderContents> {
  return {
    answers: await answersOf(base, QUERIES),
    exemplars: await exemplarsOf(base, "fine_total", DELETED_TO / 1000, END / 1000),
  };
}

const hourOf = (hour: number): WrittenSeries[] => [
  ...writtenHour(START, hour),
  ...tracedHour(START, hour),
  ...lateHour(START, hour),
];

const original = (workplace: Workplace, data: string): Promise<Served> =>
  serve("prometheus", workplace, data, { config: CONFIG, flags: FLAGS });

/**
 * Fills a data folder by running Prometheus on it. Resolves with Prometheus's answers to the queries before it is
 * stopped.
 */
async function writeTheirs(workplace: Workplace): Promise<FolderContents> {
  await using peer = await original(workplace, "theirs");
  for (let hour = 0; hour < HOURS; hour++) {
    // oxlint-disable no-await-in-loop -- hours are written in order of time
    await remoteWrite(peer.base, hourOf(hour));
    await settled(peer.base);
  }
  for (const { selector, end } of DELETIONS) {
    const pairs = Object.entries(selector).map(([name, value]) => `${name}="${value}"`);
    await deleteSeries(peer.base, `{${pairs.join()}}`, START, end);
  }
  const live = await contentsOf(peer.base);
  peer.running.kill("SIGTERM");
  await peer.running.ended;
  return live;
}

async function writeOurs(dir: string): Promise<void> {
  await using db = await openTsdb(dir, {
    clock: new ManualClock(START),
    logger: memoryLogger(),
    outOfOrderTimeWindowMs: 2 * HOUR,
    maxExemplars: 10_000,
  });
  for (let hour = 0; hour < HOURS; hour++) {
    await appendSeries(db.appendable, hourOf(hour));
    await db.maintain();
  }
  for (const { selector, end } of DELETIONS) {
    const matchers = Object.entries(selector).map(([name, value]) => new Matcher("=", name, value));
    await db.deleteSeries(matchers, START, end);
  }
}

/** Resolves with the answers of a server that runs on a copy of a folder. */
async function contentsOnCopy(kind: Kind, workplace: Workplace, folder: string): Promise<FolderContents> {
  const copy = `${folder} in ${kind}`;
  cpSync(workplace.path(folder), workplace.path(copy), { recursive: true });
  const flags = kind === "narthex" ? NATIVE_ONLY : FLAGS;
  await using server = await serve(kind, workplace, copy, { config: CONFIG, flags });
  return await contentsOf(server.base);
}

const ALL_PARTS = {
  levels: [1, 2],
  tombstones: true,
  checkpoint: true,
  log: true,
  headChunks: true,
  lateLog: true,
};

/** Returns the non-empty parts of a data folder. */
function partsOf(dir: string): unknown {
  const blocks = blockMetadata(dir);
  const bytes = (folder: string): number =>
    readdirSync(join(dir, folder)).reduce((sum, name) => sum + contentBytes(join(dir, folder, name)), 0);
  return {
    levels: [...new Set(blocks.map(({ level }) => Math.min(level, 2)))].toSorted(),
    tombstones: blocks.some(({ stats }) => stats["numTombstones"]! > 0),
    checkpoint: readdirSync(join(dir, "wal")).some((name) => name.startsWith("checkpoint.")),
    log: bytes("wal") > 100_000,
    headChunks: bytes("chunks_head") > 1000,
    lateLog: bytes("wbl") > 1000,
  };
}

/** Returns the number of bytes up to the last non-zero byte of a file, because files may be preallocated. */
const contentBytes = (path: string): number =>
  statSync(path).isDirectory() ? 0 : readFileSync(path).findLastIndex((byte) => byte !== 0) + 1;

/** Checks that our promtool and Prometheus' promtool list the same blocks and print the same samples, byte for byte. */
function sameDumps(dir: string): void {
  for (const command of ["list", "dump", "dump-openmetrics"]) {
    expect(narthexTool(command, dir) === promtool(command, dir), `${command} of ${dir}`).toBe(true);
  }
}
