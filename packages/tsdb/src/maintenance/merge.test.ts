import { readdirSync } from "node:fs";
import { Matcher } from "@narthex/model";
import { memoryLogger, ManualClock, temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import type { Block } from "../block/block.ts";
import { diskFiles, type Files } from "../files.ts";
import { refusing } from "../testing/refusing-files.ts";
import { appendRows, readRows, timesBetween } from "../testing/sample-rows.ts";
import { copyOf, onThisThread, openTestTsdb } from "../testing/test-tsdb.ts";
import type { Tsdb } from "../tsdb.ts";
import { MaintenanceContext, type MaintenanceParts } from "./context.ts";
import { mergeBlocks } from "./merge.ts";

const HOUR = 3_600_000;
const START = 18 * HOUR * 20_000;
const ULIDS = ["01HKTR0000000000000000000A", "01HKTR0000000000000000000B"];

test.each([
  ["TypeError", []],
  ["InvariantError", []],
  ["BlockError", ["/data/0/meta.json.tmp", "/data/1/meta.json.tmp"]],
])(
  "a merge that fails by a %s is not tried again, and only damage is written to the blocks, if the disk permits it",
  async (name, written) => {
    const changed: string[] = [];
    const logger = memoryLogger();
    const note = (path: string): never => {
      changed.push(path);
      throw Object.assign(new Error("read-only"), { code: "EROFS" });
    };
    const files = { ...diskFiles, open: note, remove: () => undefined };
    const run = (): Promise<never> => Promise.reject(Object.assign(new Error("wrong"), { name }));
    const parts = { clock: new ManualClock(), compactor: { run }, dir: "/data", files, logger };
    const context = new MaintenanceContext(parts as unknown as MaintenanceParts, { timeMs: 0, sizeBytes: 0 });
    const blocks = ULIDS.map((ulid, i) => {
      const meta = { ulid, minTime: 0, maxTime: 1, version: 1, compaction: { level: 1, sources: [ulid] } };
      return { dir: `/data/${i}`, meta } as unknown as Block;
    });
    await expect(mergeBlocks(context, blocks)).rejects.toThrow("wrong");
    expect([...context.failedBlocks]).toEqual(ULIDS);
    expect(changed).toEqual(written);
    const unmarked = logger.lines.filter(({ message }) => message.startsWith("a damaged block could not be marked"));
    expect(unmarked).toHaveLength(written.length);
  },
);

/** Creates a folder with blocks of two hours, of which the oldest has deleted samples. */
async function smallBlocks(): Promise<string> {
  const dir = temporaryFolder();
  const db = await openTestTsdb(dir, { files: onThisThread, maxBlockDurationMs: 2 * HOUR });
  for (let from = START; from < START + 12 * HOUR; from += 2 * HOUR) {
    const times = timesBetween(from, from + 2 * HOUR, 60_000);
    await appendRows(
      db,
      ["a", "b"].flatMap((name) => times.map((time) => [name, time, time] as const)),
    );
    await db.maintain();
  }
  await db.deleteSeries([new Matcher("=", "__name__", "a")], START, START + HOUR);
  return copyOf(dir);
}

/** Returns files on which one read of a block's first chunks gives a wrong byte. */
function misreading(): { files: Files; isWrong: () => boolean } {
  const segments = new Set<number>();
  let isWrong = true;
  const files: Files = {
    ...diskFiles,
    open(path, mode) {
      const file = diskFiles.open(path, mode);
      if (path.endsWith("chunks/000001")) segments.add(file);
      else segments.delete(file);
      return file;
    },
    read(file, into, position) {
      const count = diskFiles.read(file, into, position);
      if (isWrong && position === 8 && segments.has(file)) {
        into[10]! ^= 4;
        isWrong = false;
      }
      return count;
    },
  };
  return { files, isWrong: () => isWrong };
}

test.each([
  ["merge", {}, (db: Tsdb) => db.maintain()],
  ["rewrite without deleted samples", {}, (db: Tsdb) => db.cleanTombstones()],
  ["move to the cold tier", { coldAfterMs: 1 }, (db: Tsdb) => db.maintain()],
  [
    "downsampling",
    { downsampling: [{ matchers: [], levels: [{ resolutionMs: HOUR, retentionMs: 0 }] }] },
    (db: Tsdb) => db.maintain(),
  ],
])("a %s that reads a wrong byte once reads the blocks again, and marks no block", async (job, options, run) => {
  const { files, isWrong } = misreading();
  const maxBlockDurationMs = job === "merge" ? 6 * HOUR : 2 * HOUR;
  const logger = memoryLogger();
  const db = await openTestTsdb(await smallBlocks(), { files, logger, maxBlockDurationMs, retentionMs: 0, ...options });
  const before = await readRows(db, "b");
  await run(db);
  expect(isWrong()).toBe(false);
  const warnings = logger.lines.filter(({ level }) => level === "warn").map(({ message }) => message);
  expect(warnings).toEqual(["a block seems to be damaged; it is read once more"]);
  expect(db.blocks().filter(({ compaction }) => compaction.failed)).toEqual([]);
  expect(await readRows(db, "b")).toEqual(before);
});

test.each([
  ["merged", (db: Tsdb) => db.maintain()],
  ["cleaned", (db: Tsdb) => db.cleanTombstones()],
])(
  "empty blocks whose folders the system does not move are %s once, and removed as soon as it does",
  async (_, run) => {
    let isRefused = true;
    let tries = 0;
    const refused = (path: string): boolean => isRefused && /[0-9A-Z]{26}$/.test(path) && ++tries < 200;
    const files = refusing("rename", refused, "EBUSY");
    const dir = await smallBlocks();
    const db = await openTestTsdb(dir, { files, retentionMs: 0 });
    const all = [new Matcher("=~", "__name__", ".+")];
    await db.deleteSeries(all, -Infinity, START + 12 * HOUR);
    await run(db);
    expect(tries).toBeGreaterThan(0);
    expect(tries).toBeLessThan(50);
    isRefused = false;
    await db.maintain();
    await db.maintain();
    expect(readdirSync(dir).filter((name) => name.length === 26)).toEqual(db.blocks().map(({ ulid }) => ulid));
    expect(await readRows(db)).toEqual([]);
  },
);

test("a block whose folder the system does not move is reported once, and not opened again", async () => {
  let isRefused = true;
  const opened: string[] = [];
  const moving = refusing("rename", (path) => isRefused && /[0-9A-Z]{26}$/.test(path), "EBUSY");
  const files = refusing("open", (path) => opened.push(path) === 0, "EIO", moving);
  const dir = await smallBlocks();
  const logger = memoryLogger();
  const db = await openTestTsdb(dir, { files, logger, retentionMs: 0 });
  await db.deleteSeries([new Matcher("=~", "__name__", ".+")], -Infinity, START + 12 * HOUR);
  await db.maintain();
  opened.length = 0;
  await db.maintain();
  await db.maintain();
  const warnings = logger.lines.filter(({ message }) => message === "a block could not be deleted");
  const stuck = warnings.map(({ fields }) => fields["block"] as string);
  expect(stuck.length).toBeGreaterThan(1);
  expect(new Set(stuck).size).toBe(stuck.length);
  expect(opened.filter((path) => stuck.some((ulid) => path.includes(ulid)))).toEqual([]);
  isRefused = false;
  await db.maintain();
  await db.maintain();
  expect(readdirSync(dir).filter((name) => stuck.includes(name))).toEqual([]);
  await db.close();
});
