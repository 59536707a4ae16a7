import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Matcher } from "@narthex/model";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { openTsdb } from "@narthex/tsdb";
import { expect, test } from "vitest";
import { type Answers, answersOf, exemplarsOf, type StorageQueries } from "./answers.ts";
import { appendSeries } from "../../support/append-series.ts";
import { deleteSeries } from "./delete-series.ts";
import { remoteWrite, type WrittenSeries } from "../../support/remote-write.ts";
import { lacks } from "../../support/requirements.ts";
import { type Kind, serve, type Served } from "../../support/serving.ts";
import { Workplace } from "../../support/workplace.ts";
import { lateHour, tracedHour, writtenHour } from "./written-hours.ts";

const HOUR = 3_600_000;
/** Hours of data: too few for a block, so all samples are in the in-memory head. */
const HOURS = 2;
const START = 54 * HOUR * 8000;
const END = START + HOURS * HOUR;
const FEATURES = "--enable-feature=native-histograms,exemplar-storage,memory-snapshot-on-shutdown";
const FLAGS: Readonly<Record<Kind, readonly string[]>> = {
  prometheus: [FEATURES, "--web.enable-admin-api", "--web.enable-remote-write-receiver"],
  narthex: [FEATURES, "--web.enable-admin-api"],
};
const CONFIG = "storage: {exemplars: {max_exemplars: 10000}, tsdb: {out_of_order_time_window: 2h}}\n";
/** Log line of a server that has read a snapshot. */
const LOADED: Readonly<Record<Kind, RegExp>> = {
  prometheus: /Chunk snapshot loading time/i,
  narthex: /memory snapshot loaded/,
};

const QUERIES: StorageQueries = {
  instant: ["fine_total[2h]", "coarse_2[2h]", "coarse_3[2h]", "latency_seconds[2h]", "mixed[2h]", "late_total[2h]"],
  range: ["rate(fine_total[5m])", "histogram_count(late_seconds)", "sum by (instance) ({__name__=~'coarse_.+'})"],
  start: START / 1000,
  end: END / 1000,
  step: "60",
  label: "i",
};

/**
 * Deletions that leave some samples of each series. Whether a series without samples is listed would depend on its
 * chunks.
 */
const DELETIONS = [
  { name: "coarse_2", end: END - HOUR / 4 },
  { name: "coarse_3", end: START + HOUR },
] as const;

test.skipIf(lacks("peers"))(
  "a memory snapshot of Prometheus gives the same answers in ours, and ours gives the same in Prometheus",
  async () => {
    using workplace = new Workplace();
    const live = await writeTheirs(workplace);
    await writeOurs(workplace.path("ours"));
    for (const [from, by] of [
      ["theirs", "narthex"],
      ["ours", "prometheus"],
      ["ours", "narthex"],
      ["theirs by narthex", "prometheus"],
    ] as const) {
      // oxlint-disable-next-line no-await-in-loop -- one server at a time
      expect(await contentsOnCopy(workplace, from, by), `${from} by ${by}`).toEqual(live);
    }
  },
);

interface FolderContents {
  readonly answers: Answers;
  readonly exemplars: unknown;
}

async function contentsOf(base: string): Promise<FolderContents> {
  const exemplars = await exemplarsOf(base, "fine_total", START / 1000, END / 1000);
  expect(exemplars).toHaveLength(3);
  return { answers: await answersOf(base, QUERIES), exemplars };
}

const serveFolder = (kind: Kind, workplace: Workplace, folder: string): Promise<Served> =>
  serve(kind, workplace, folder, { config: CONFIG, flags: FLAGS[kind] });

async function stop({ running }: Served): Promise<void> {
  running.kill("SIGTERM");
  expect((await running.ended).code).toBe(0);
}

const hourOf = (hour: number): WrittenSeries[] => [
  ...writtenHour(START, hour),
  ...tracedHour(START, hour),
  ...lateHour(START, hour),
];

async function writeTheirs(workplace: Workplace): Promise<FolderContents> {
  await using peer = await serveFolder("prometheus", workplace, "theirs");
  // oxlint-disable-next-line no-await-in-loop -- hours are written in order of time
  for (let hour = 0; hour < HOURS; hour++) await remoteWrite(peer.base, hourOf(hour));
  // oxlint-disable-next-line no-await-in-loop -- one deletion at a time
  for (const { name, end } of DELETIONS) await deleteSeries(peer.base, name, START, end);
  const live = await contentsOf(peer.base);
  await stop(peer);
  return live;
}

async function writeOurs(dir: string): Promise<void> {
  await using db = await openTsdb(dir, {
    clock: new ManualClock(START),
    logger: memoryLogger(),
    outOfOrderTimeWindowMs: 2 * HOUR,
    maxExemplars: 10_000,
    memorySnapshotOnShutdown: true,
  });
  // oxlint-disable no-await-in-loop -- hours are written in order of time
  for (let hour = 0; hour < HOURS; hour++) await appendSeries(db.appendable, hourOf(hour));
  for (const { name, end } of DELETIONS) await db.deleteSeries([new Matcher("=", "__name__", name)], START, end);
}

/**
 * Starts a server on a copy of a folder whose write-ahead log no longer contains the content of the snapshot. Resolves
 * with its answers to the queries.
 */
async function contentsOnCopy(workplace: Workplace, folder: string, kind: Kind): Promise<FolderContents> {
  const copy = `${folder} by ${kind}`;
  cpSync(workplace.path(folder), workplace.path(copy), { recursive: true });
  emptyLog(workplace.path(copy));
  await using server = await serveFolder(kind, workplace, copy);
  await server.running.printed(LOADED[kind]);
  const answers = await contentsOf(server.base);
  await stop(server);
  return answers;
}

/** Overwrites the write-ahead log with zeros up to the position of the only snapshot. */
function emptyLog(dir: string): void {
  const names = readdirSync(dir).filter((name) => name.startsWith("chunk_snapshot."));
  expect(names).toHaveLength(1);
  const [, segment, offset] = names[0]!.split(".").map(Number) as [number, number, number];
  for (const name of readdirSync(join(dir, "wal")).filter((file) => /^\d+$/.test(file))) {
    if (Number(name) > segment) continue;
    const path = join(dir, "wal", name);
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.fill(0, 0, Number(name) < segment ? bytes.length : offset));
  }
}
