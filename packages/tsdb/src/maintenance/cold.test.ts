import { cpSync, existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { Matcher } from "@narthex/model";
import { temporaryFolder } from "@narthex/runtime/testing";
import { EncodedChunks, SampleColumns } from "@narthex/storage";
import { expect, test } from "vitest";
import { decodeChunk } from "../block/decode-chunk.ts";
import { diskFiles } from "../files.ts";
import { rewriteBlocks } from "../inspect/rewrite-blocks.ts";
import { contentsOf } from "../testing/contents.ts";
import { refusing } from "../testing/refusing-files.ts";
import { appendRows, type NamedRow, timesBetween } from "../testing/sample-rows.ts";
import { onThisThread, copyOf, openTestTsdb } from "../testing/test-tsdb.ts";
import type { Tsdb, TsdbOptions } from "../tsdb.ts";

const HOUR = 3_600_000;
const MINUTE = 60_000;
const START = 18 * HOUR * 20_000;

const open = (dir: string, options: Partial<TsdbOptions> = {}): Promise<Tsdb> =>
  openTestTsdb(dir, { files: onThisThread, ...options });

async function fill(db: Tsdb, hours: number): Promise<void> {
  for (let from = START; from < START + hours * HOUR; from += 2 * HOUR) {
    const times = timesBetween(from, from + 2 * HOUR, MINUTE);
    await appendRows(db, [
      ...times.map((time): NamedRow => ["a", time, Math.sin(time)]),
      ...times.map((time): NamedRow => ["b", time, time / 1000]),
    ]);
    await db.maintain();
  }
}

const isUlidLike = (name: string): boolean => name.length === 26;
const hotNames = (dir: string): string[] => readdirSync(dir).filter(isUlidLike);
const coldNames = (dir: string): string[] => {
  const cold = join(dir, "cold");
  return existsSync(cold) ? readdirSync(cold).filter(isUlidLike) : [];
};

/**
 * Creates a database with the samples of a day, and a copy whose older blocks are columnar ("cold"). Both databases
 * have the same content.
 */
async function coldDay(): Promise<{ dir: string; db: Tsdb; contents: string }> {
  const hot = await open(temporaryFolder());
  await fill(hot, 24);
  const dir = temporaryFolder();
  const db = await open(dir, { coldAfterMs: 6 * HOUR, maxBlockDurationMs: 6 * HOUR });
  await fill(db, 24);
  return { dir, db, contents: shown(await contentsOf(hot.queryable)) };
}

const shown = (contents: Awaited<ReturnType<typeof contentsOf>>): string =>
  JSON.stringify([...contents].map(([series, samples]) => [series, [...samples]]));

test("blocks that are old enough are moved to the cold tier, results stay the same, and a start without the option reads them", async () => {
  const { dir, db, contents } = await coldDay();
  expect(coldNames(dir).length).toBeGreaterThan(1);
  expect(hotNames(dir).length).toBeGreaterThan(0);
  expect(shown(await contentsOf(db.queryable))).toBe(contents);
  const metrics = db.collect();
  expect(metrics["narthex_tsdb_cold_blocks"]).toBe(coldNames(dir).length);
  expect(metrics["narthex_tsdb_cold_blocks_bytes"]).toBeGreaterThan(0);
  expect(metrics["prometheus_tsdb_blocks_loaded"]).toBe(coldNames(dir).length + hotNames(dir).length);
  await db.close();
  const again = await open(dir);
  expect(shown(await contentsOf(again.queryable))).toBe(contents);
});

test("deleted samples of a cold block are gone, even after a cleaning, and the block stays cold", async () => {
  const { dir, db } = await coldDay();
  const count = coldNames(dir).length;
  const from = START + HOUR;
  await db.deleteSeries([new Matcher("=", "__name__", "a")], from, from + HOUR);
  const before = shown(await contentsOf(db.queryable));
  const timesOfA = [...(await contentsOf(db.queryable)).get('{__name__="a"}')!.keys()];
  expect(timesOfA.some((time) => time >= from && time <= from + HOUR)).toBe(false);
  await db.cleanTombstones();
  expect(shown(await contentsOf(db.queryable))).toBe(before);
  expect(coldNames(dir).length).toBe(count);
  expect(db.blocks().every(({ stats }) => (stats?.numTombstones ?? 0) === 0)).toBe(true);
});

test("the blocks of a snapshot are in Prometheus' format, even those that were cold", async () => {
  const { dir, db, contents } = await coldDay();
  const target = join(dir, "snapshot");
  await db.snapshot(target, true);
  for (const name of hotNames(target)) {
    expect(readdirSync(join(target, name)).sort()).toEqual(["chunks", "index", "meta.json", "tombstones"]);
  }
  expect(coldNames(target)).toEqual([]);
  const copy = await open(target);
  expect(shown(await contentsOf(copy.queryable))).toBe(contents);
});

test("retention by time drops cold blocks", async () => {
  const { dir, db } = await coldDay();
  await db.close();
  const again = await open(dir, { retentionMs: 4 * HOUR, coldAfterMs: 6 * HOUR });
  await again.maintain();
  expect(coldNames(dir)).toEqual([]);
});

test("the encoded chunks of cold blocks are in Prometheus' format", async () => {
  const { db } = await coldDay();
  const querier = db.queryable.querier(START, START + 4 * HOUR);
  const set = await querier.select([new Matcher("=", "__name__", "a")], { start: START, end: START + 4 * HOUR });
  const encoded = new EncodedChunks();
  set.readChunks!(0, START, START + 3 * HOUR, encoded);
  const into = new SampleColumns();
  for (let i = 0; i < encoded.count; i++) {
    expect(encoded.encoding[i]).toBe(1);
    const chunk = {
      bytes: encoded.bytes,
      start: encoded.start[i]!,
      end: encoded.end[i]!,
      encoding: encoded.encoding[i]!,
    };
    decodeChunk(chunk, -Infinity, Infinity, into);
  }
  querier.close();
  expect(into.count).toBe(181);
  expect(into.values[7]).toBe(Math.sin(START + 7 * MINUTE));
});

test("blocks of a folder without a server are converted to columns and back, and the remains of a kill are removed", async () => {
  const { dir, db, contents } = await coldDay();
  await db.close();
  const [held] = coldNames(dir);
  const made: string[] = [];
  const onBlock = (_: unknown, after: { readonly ulid: string } | undefined) => void made.push(after!.ulid);
  const parent = join(dir, "cold", held!);
  const copy = copyOf(parent);
  await rewriteBlocks(dir, { columnar: false, minAgeMs: 0, onBlock });
  expect(coldNames(dir)).toEqual([]);
  expect(hotNames(dir)).toEqual(expect.arrayContaining(made));
  expect(made).not.toContain(held);
  cpSync(copy, parent, { recursive: true });
  const hotCount = hotNames(dir).length;
  expect(await rewriteBlocks(dir, { columnar: true, minAgeMs: 0, onBlock })).toEqual([]);
  expect(hotNames(dir)).toEqual([]);
  expect(coldNames(dir)).toHaveLength(hotCount);
  expect(coldNames(dir)).not.toContain(held);
  const again = await open(dir);
  expect(shown(await contentsOf(again.queryable))).toBe(contents);
});

const nothingTold = { minAgeMs: 0, onBlock: () => {} };

test("a rewrite removes no block whose replacement cannot be read, and reports unreadable blocks", async () => {
  const { dir, db } = await coldDay();
  await db.close();
  const [held, other] = coldNames(dir);
  const parent = join(dir, "cold", held!);
  const copy = copyOf(parent);
  const hot = new Set(hotNames(dir));
  await rewriteBlocks(dir, { ...nothingTold, columnar: false });
  cpSync(copy, parent, { recursive: true });
  const successor = hotNames(dir).find((name) => readFileSync(join(dir, name, "meta.json"), "utf8").includes(held!))!;
  truncateSync(join(dir, successor, "index"), 100);
  const unknown = hotNames(dir).find((name) => name !== successor && !hot.has(name))!;
  expect(unknown).not.toBe(other);
  writeFileSync(join(dir, unknown, "meta.json"), "{");
  const problems = await rewriteBlocks(dir, { ...nothingTold, columnar: true });
  expect(problems.join("\n")).toContain(join(successor, "index"));
  expect(problems.join("\n")).toContain(join(unknown, "meta.json"));
  expect(problems).toHaveLength(2);
  expect(coldNames(dir)).toContain(held);
  expect(hotNames(dir).sort()).toEqual([successor, unknown].sort());
});

test("a block stays if its rewritten form cannot be read, and the rewritten form is removed", async () => {
  const { dir, db, contents } = await coldDay();
  await db.close();
  const before = [hotNames(dir), coldNames(dir)];
  const files = {
    ...diskFiles,
    rename(from: string, to: string) {
      diskFiles.rename(from, to);
      if (isUlidLike(basename(to))) truncateSync(join(to, "chunks", "000001"), 50);
    },
  };
  await expect(rewriteBlocks(dir, { ...nothingTold, columnar: false }, files)).rejects.toThrow("cannot be read");
  expect([hotNames(dir), coldNames(dir)]).toEqual(before);
  const again = await open(dir);
  expect(shown(await contentsOf(again.queryable))).toBe(contents);
});

test("a block that the disk cannot read for a moment is moved to the cold tier later", async () => {
  const dir = temporaryFolder();
  const first = await open(dir, { maxBlockDurationMs: 2 * HOUR });
  await fill(first, 12);
  await first.close();
  let isRefused = false;
  const files = refusing("open", (path) => isRefused && path.includes("chunks/"), "EMFILE");
  const db = await open(dir, { files, maxBlockDurationMs: 2 * HOUR, coldAfterMs: 1 });
  const oldest = db.blocks()[0]!.ulid;
  isRefused = true;
  await expect(db.maintain()).rejects.toThrow("EMFILE");
  isRefused = false;
  await db.maintain();
  expect(coldNames(dir).length).toBeGreaterThan(1);
  expect(hotNames(dir)).not.toContain(oldest);
});

test("even with a small value of the option, blocks become cold only after their last merge and the out-of-order window", async () => {
  const options = { coldAfterMs: 1, maxBlockDurationMs: 6 * HOUR };
  const dir = temporaryFolder();
  const db = await open(dir, options);
  await fill(db, 24);
  const cold = db.blocks().filter(({ ulid }) => coldNames(dir).includes(ulid));
  expect(cold.map(({ minTime, maxTime }) => maxTime - minTime)).toEqual([6 * HOUR, 6 * HOUR, 6 * HOUR]);
  const lateDir = temporaryFolder();
  await fill(await open(lateDir, { ...options, outOfOrderTimeWindowMs: 12 * HOUR }), 24);
  expect(coldNames(lateDir)).toHaveLength(1);
});
