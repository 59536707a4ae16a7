import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { seededRandom } from "@narthex/runtime";
import { type LogLine, ManualClock, memoryLogger, temporaryFolder, testSeed } from "@narthex/runtime/testing";
import { describeStorage } from "@narthex/storage/testing";
import { expect, test, vi } from "vitest";
import { openTsdb } from "../open-tsdb.ts";
import type { Tsdb, TsdbOptions } from "../tsdb.ts";
import { contentsOf } from "./contents.ts";
import { NO_FAULTS, SimulatedDisk } from "./index.ts";
import { listCheckpoints, listSegments } from "../wal/segment.ts";
import { appendRows, timesOf } from "./sample-rows.ts";
import { openTestTsdb } from "./test-tsdb.ts";

const HOUR_MS = 3_600_000;

const open = (dir: string, lines: LogLine[] = [], options: Partial<TsdbOptions> = {}): Promise<Tsdb> =>
  openTestTsdb(dir, { logger: memoryLogger(lines), walCompression: "none", ...options });

const append = (db: Tsdb, name: string, time: number): Promise<void> => appendRows(db, [[name, time, time]]);

const serious = (lines: readonly LogLine[]): LogLine[] =>
  lines.filter(({ level }) => level === "error" || level === "warn");

/**
 * Creates a folder with a log segment per hour and, after some hours, a checkpoint and blocks. Returns the times of the
 * series "a".
 */
async function filled(dir: string, hours: number): Promise<number[]> {
  const times: number[] = [];
  for (let hour = 0; hour < hours; hour++) {
    const db = await open(dir);
    for (let time = hour * HOUR_MS; time < (hour + 1) * HOUR_MS; time += 30_000) {
      await append(db, "a", time);
      times.push(time);
    }
    await db.maintain();
    await db.close();
  }
  return times;
}

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at]! ^= 1;
  writeFileSync(path, bytes);
}

describeStorage("openTsdb() on a simulated disk", async () => {
  const disk = new SimulatedDisk(() => 0.5);
  const db = await open("/data", [], { files: disk.mount(), lockFile: false, maxExemplars: 100 });
  return { appendable: db.appendable, queryable: db.queryable, close: () => db.close() };
});

test("a start finds all samples even if every read returns only a part of the bytes", async () => {
  const disk = new SimulatedDisk(seededRandom(testSeed(0)));
  const lines: LogLine[] = [];
  const logger = memoryLogger(lines);
  const options = { outOfOrderTimeWindowMs: HOUR_MS, lockFile: false, clock: new ManualClock(), logger };
  const db = await openTsdb("/data", { ...options, files: disk.mount() });
  for (let time = 0; time < 3 * HOUR_MS; time += 30_000) await append(db, "a", time);
  for (let time = 2.5 * HOUR_MS + 1; time < 3 * HOUR_MS; time += 30_000) await append(db, "a", time);
  const before = await contentsOf(db.queryable);
  disk.kill();
  disk.faults.rates = { ...NO_FAULTS, shortRead: 1 };
  const files = disk.mount();
  const unlink = vi.spyOn(files, "unlink");
  const again = await openTsdb("/data", { ...options, files });
  expect(await contentsOf(again.queryable)).toEqual(before);
  expect(serious(lines)).toEqual([]);
  expect(unlink.mock.calls.flat().filter((path) => path.includes("chunks_head"))).toEqual([]);
  await again.close();
});

test("a start with a wrong byte in a checkpoint keeps the other records, and the original is moved to another folder", async () => {
  const dir = temporaryFolder();
  await filled(dir, 9);
  const checkpoint = listCheckpoints(join(dir, "wal")).at(-1)!;
  flip(listSegments(checkpoint.path)[0]!.path, 10);
  const lines: LogLine[] = [];
  const db = await open(dir, lines);
  expect(db.corruptions).toBe(1);
  expect(db.collect()["prometheus_tsdb_wal_corruptions_total"]).toBe(1);
  expect(serious(lines).filter(({ message }) => /WAL/.test(message) && /damaged|ended/.test(message))).toHaveLength(1);
  await append(db, "b", 10 * HOUR_MS);
  expect(await timesOf(db, "b")).toEqual([10 * HOUR_MS]);
});

test("a missing segment loses at most its own samples, and one message names it", async () => {
  const dir = temporaryFolder();
  const times = await filled(dir, 3);
  const [, second] = listSegments(join(dir, "wal"));
  rmSync(second!.path);
  const lines: LogLine[] = [];
  const db = await open(dir, lines);
  const found = await timesOf(db, "a");
  const lost = times.filter((time) => !found.includes(time));
  expect(lost.every((time) => time >= HOUR_MS && time < 2 * HOUR_MS)).toBe(true);
  expect(serious(lines).filter(({ message }) => message.startsWith("WAL segments are missing"))).toHaveLength(1);
});

test("a block with a wrong byte is moved to another folder, the other blocks are served, and one message names the folder", async () => {
  const dir = temporaryFolder();
  await filled(dir, 9);
  const blocks = readdirSync(dir).filter((name) => name.length === 26);
  expect(blocks.length).toBeGreaterThan(1);
  writeFileSync(join(dir, blocks[0]!, "meta.json"), "{ half");
  const lines: LogLine[] = [];
  const db = await open(dir, lines);
  expect(readdirSync(join(dir, "damaged"))).toEqual([blocks[0]]);
  expect(serious(lines).filter(({ fields }) => fields["block"] === blocks[0])).toHaveLength(1);
  const times = await timesOf(db, "a");
  expect(times.at(-1)).toBe(9 * HOUR_MS - 30_000);
  expect(times.length).toBeGreaterThan(100);
  await append(db, "a", 9 * HOUR_MS + 1000);
});

test("a start removes the remains of an unfinished compaction, and all samples are there", async () => {
  const dir = temporaryFolder();
  const times = await filled(dir, 1);
  mkdirSync(join(dir, "01HF88MCZNCDA3J41P8BF5RV5B.tmp-for-creation", "chunks"), { recursive: true });
  const db = await open(dir);
  expect(readdirSync(dir).some((name) => name.includes(".tmp-for"))).toBe(false);
  expect(await timesOf(db, "a")).toEqual(times);
});

test("a clock that jumps forward or back changes neither the stored nor the accepted samples", async () => {
  const dir = temporaryFolder();
  const clock = new ManualClock(HOUR_MS);
  const db = await open(dir, [], { clock });
  await append(db, "a", HOUR_MS);
  clock.setWall(1000 * HOUR_MS);
  await clock.advance(120_000);
  await append(db, "a", HOUR_MS + 1000);
  clock.setWall(0);
  await clock.advance(120_000);
  await append(db, "a", HOUR_MS + 2000);
  expect(await timesOf(db, "a")).toEqual([HOUR_MS, HOUR_MS + 1000, HOUR_MS + 2000]);
});

test("memory stays bounded if ten times as many series come and go as exist at the same time", async () => {
  const dir = temporaryFolder();
  const db = await open(dir, [], { retentionMs: HOUR_MS });
  const live = 500;
  let most = 0;
  for (let round = 0; round < 10; round++) {
    for (let i = 0; i < live; i++) await append(db, `s_${round}_${i}`, round * 2 * HOUR_MS + i);
    await db.maintain();
    most = Math.max(most, db.collect()["prometheus_tsdb_head_series"]!);
  }
  expect(most).toBeLessThanOrEqual(live * 4);
});
