import { readdirSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Labels } from "@narthex/model";
import { temporaryFolder } from "@narthex/runtime/testing";
import { histogramOf } from "@narthex/storage/testing";
import { describe, expect, test } from "vitest";
import { HistogramWriter } from "../chunk/histogram.ts";
import { XorWriter } from "../chunk/xor.ts";
import { diskFiles } from "../files.ts";
import { chunkStats } from "../inspect/chunk-stats.ts";
import { folderBytes } from "../inspect/folder-size.ts";
import { listBlocks } from "../inspect/list-blocks.ts";
import { openReadOnly, type ReadOnlyOptions } from "../inspect/read-only.ts";
import { linkFiles, makeSandbox } from "../inspect/sandbox.ts";
import { refusing } from "../testing/refusing-files.ts";
import { appendRows, type NamedRow, readRows, timesBetween } from "../testing/sample-rows.ts";
import { onThisThread, openTestTsdb } from "../testing/test-tsdb.ts";

const HOUR = 3_600_000;
const START = 18 * HOUR * 20_000;

interface Folder {
  readonly dir: string;
  readonly rows: readonly NamedRow[];
  /** Samples in the log of out-of-order samples. */
  readonly late: readonly NamedRow[];
  /** Time in ms at which the newest of the blocks ends. */
  readonly end: number;
}

/** Creates a data folder with two blocks, a log, and a log of out-of-order samples. No process has the folder open. */
async function closedFolder(): Promise<Folder> {
  const dir = temporaryFolder();
  const db = await openTestTsdb(dir, { files: onThisThread, outOfOrderTimeWindowMs: 4 * HOUR, walCompression: "none" });
  const rows = ["b", "a"].flatMap((name) =>
    timesBetween(START, START + 6 * HOUR, HOUR / 4).map((time): NamedRow => [name, time, time / 1000]),
  );
  await appendRows(db, rows);
  await db.maintain();
  const late: NamedRow = ["b", START + 5 * HOUR + 1, 7];
  await appendRows(db, [late]);
  const end = Math.max(...db.blocks().map(({ maxTime }) => maxTime));
  await db.close();
  return { dir, rows: [...rows, late], late: [late], end };
}

const sorted = (rows: readonly NamedRow[]): NamedRow[] =>
  rows.toSorted(([a, timeA], [b, timeB]) => (a < b ? -1 : a > b ? 1 : timeA - timeB));

const before = ({ rows, end }: Folder): NamedRow[] => rows.filter(([, time]) => time < end);

async function reading(dir: string, options: Partial<ReadOnlyOptions> = {}) {
  using db = await openReadOnly(dir, { maxTime: Infinity, ...options });
  return { rows: await readRows(db), problems: db.problems, blocks: db.blockCount };
}

const everyFile = (dir: string): string[] => (readdirSync(dir, { recursive: true }) as string[]).toSorted();

describe("a data folder that is opened for reading only", () => {
  test("shows blocks and logs, and is not changed", async () => {
    const folder = await closedFolder();
    const files = everyFile(folder.dir);
    expect(await reading(folder.dir)).toEqual({ rows: sorted(folder.rows), problems: [], blocks: 2 });
    expect(everyFile(folder.dir)).toEqual(files);
  });

  test("is read to the end of its blocks if no later times are requested", async () => {
    const folder = await closedFolder();
    expect((await reading(folder.dir, { maxTime: folder.end - 1 })).rows).toEqual(sorted(before(folder)));
    expect((await reading(folder.dir, { maxTime: folder.end })).rows).toEqual(sorted(folder.rows));
  });

  test("returns the series of the log in the order of the log", async () => {
    const { dir } = await closedFolder();
    using db = await openReadOnly(dir, { maxTime: Infinity });
    const [a, b] = ["a", "b"].map((name) => Labels.of({ __name__: name })) as [Labels, Labels];
    expect([a, b].toSorted(db.logOrder)).toEqual([b, a]);
  });

  test("uses another folder for its temporary files, and removes them", async () => {
    const { dir } = await closedFolder();
    const sandboxRoot = temporaryFolder();
    const files = everyFile(dir);
    const db = await openReadOnly(dir, { maxTime: Infinity, sandboxRoot });
    expect(readdirSync(sandboxRoot)).toHaveLength(1);
    expect(everyFile(dir)).toEqual(files);
    db[Symbol.dispose]();
    expect(readdirSync(sandboxRoot)).toEqual([]);
  });

  test("fails without a log, and leaves no temporary files", async () => {
    const { dir } = await closedFolder();
    rmSync(join(dir, "wal"), { recursive: true });
    const files = everyFile(dir);
    await expect(reading(dir)).rejects.toMatchObject({ code: "ENOENT" });
    expect(everyFile(dir)).toEqual(files);
  });

  test.each(["index", "meta.json"])("skips a block whose %s is damaged, and reports the block", async (name) => {
    const folder = await closedFolder();
    const path = join(listBlocks(folder.dir).blocks[0]!.dir, name);
    truncateSync(path, 10);
    const { rows, problems, blocks } = await reading(folder.dir);
    expect(problems).toEqual([expect.stringContaining(path)]);
    expect(blocks).toBe(1);
    expect(rows).toEqual(sorted(folder.rows.filter(([, time]) => time >= START + 2 * HOUR)));
  });

  test.each(["wal", "wbl"])("reports the place of the damage in its %s", async (log) => {
    const { dir } = await closedFolder();
    const path = join(dir, log, "00000000");
    writeFileSync(path, Uint8Array.of(99, 0, 0, 1, 2, 3), { flag: "r+" });
    const { problems } = await reading(dir);
    expect(problems).toEqual([expect.stringMatching(`^${path}: the log is damaged at 0: `)]);
  });

  test("reads samples within the time of a partial block from the log, unless that block is treated as complete", async () => {
    const folder = await closedFolder();
    const { dir, meta } = listBlocks(folder.dir).blocks[1]!;
    const compaction = { ...meta.compaction, hints: ["from-out-of-order"] };
    writeFileSync(join(dir, "meta.json"), JSON.stringify({ ...meta, maxTime: START + 9 * HOUR, compaction }));
    expect((await reading(folder.dir)).rows).toEqual(sorted(folder.rows));
    expect((await reading(folder.dir, { lastBlockCovers: true })).rows).toEqual(
      sorted([...before(folder), ...folder.late]),
    );
  });
});

describe("the list of blocks", () => {
  test("is in order of time, with sizes, and ignores a file with the name of a block", async () => {
    const { dir } = await closedFolder();
    writeFileSync(join(dir, "7ZZZZZZZZZZZZZZZZZZZZZZZZZ"), "");
    renameSync(listBlocks(dir).blocks[0]!.dir, join(dir, "7YYYYYYYYYYYYYYYYYYYYYYYYY"));
    const { blocks, problems } = listBlocks(dir);
    expect(blocks.map(({ meta }) => meta.minTime)).toEqual([START, START + 2 * HOUR]);
    expect(problems).toEqual([]);
    for (const { dir: path, sizeBytes, isColumnar } of blocks) {
      const files = ["chunks/000001", "index", "meta.json", "tombstones"];
      expect(sizeBytes).toBe(files.reduce((sum, name) => sum + statSync(join(path, name)).size, 0));
      expect(isColumnar).toBe(false);
    }
  });

  test("does not report a damaged block that another block has replaced", async () => {
    const { dir } = await closedFolder();
    const [first, second] = listBlocks(dir).blocks;
    truncateSync(join(first!.dir, "meta.json"), 10);
    expect(listBlocks(dir).problems).toEqual([expect.stringContaining(first!.dir)]);
    const { minTime, maxTime, ulid } = first!.meta;
    const compaction = { ...second!.meta.compaction, parents: [{ minTime, maxTime, ulid }] };
    writeFileSync(join(second!.dir, "meta.json"), JSON.stringify({ ...second!.meta, compaction }));
    expect(listBlocks(dir)).toMatchObject({ blocks: [{ dir: second!.dir }], problems: [] });
  });

  test("throws an error of the disk", async () => {
    const { dir } = await closedFolder();
    const files = refusing("stat", (path) => path.endsWith("index"), "EIO");
    expect(() => listBlocks(dir, files)).toThrow("EIO");
  });
});

test("chunkFacts() returns the samples, bytes and buckets of a chunk", () => {
  const floats = new XorWriter();
  floats.begin(new Uint8Array(100), 0);
  for (const time of [1, 2, 3]) floats.append(time, 0, time);
  const range = { start: 0, end: floats.byteLength };
  expect(chunkStats({ bytes: floats.bytes, ...range, encoding: 1 })).toEqual({
    kind: "float",
    samples: 3,
    bytes: floats.byteLength,
    buckets: 0,
  });
  const one = histogramOf(3, { negativeSpans: [{ offset: 0, length: 2 }], negativeBuckets: Float64Array.of(1, 2) });
  const histograms = new HistogramWriter(one, "unknown", false);
  for (const time of [1, 2]) histograms.append(time, one);
  const { bytes, byteLength } = histograms.buffer;
  expect(chunkStats({ bytes, start: 0, end: byteLength, encoding: 3 })).toEqual({
    kind: "histogram",
    samples: 2,
    bytes: byteLength,
    buckets: 10,
  });
});

describe("a folder for temporary files", () => {
  const folderOf = (content: string): string => {
    const dir = temporaryFolder();
    writeFileSync(join(dir, "a"), content);
    return dir;
  };

  test.each(["EXDEV", "EPERM"])("contains copies if a link is refused with %s", (code) => {
    const to = join(temporaryFolder(), "to");
    linkFiles(
      folderOf("x"),
      to,
      refusing("link", () => true, code),
    );
    expect(readFileSync(join(to, "a"), "utf8")).toBe("x");
  });

  test("contains links, which need no room on the disk", () => {
    const [from, to] = [folderOf("x"), temporaryFolder()];
    linkFiles(from, to);
    expect(statSync(join(to, "a")).ino).toBe(statSync(join(from, "a")).ino);
    linkFiles(join(from, "missing"), join(to, "empty"));
    expect(readdirSync(join(to, "empty"))).toEqual([]);
  });

  test("cannot be created if the disk refuses it, or if its root is missing", () => {
    const full = refusing("link", () => true, "ENOSPC");
    expect(() => linkFiles(folderOf("x"), temporaryFolder(), full)).toThrow("ENOSPC");
    expect(() => makeSandbox("/nowhere/at/all")).toThrow("ENOENT");
  });
});

test("the size of a folder includes the files in its subfolders, and ignores files that are removed meanwhile", () => {
  const dir = temporaryFolder();
  diskFiles.makeFolder(join(dir, "inner"));
  for (const [name, bytes] of [
    ["a", 3],
    ["inner/b", 4],
  ] as const)
    writeFileSync(join(dir, name), new Uint8Array(bytes));
  const size = (code: string): number =>
    folderBytes(
      dir,
      refusing("stat", (path) => path.endsWith(join("inner", "b")), code),
    );
  expect(folderBytes(dir, diskFiles)).toBe(7);
  expect(size("ENOENT")).toBe(3);
  expect(() => size("EIO")).toThrow("EIO");
  expect(folderBytes(join(dir, "missing"), diskFiles)).toBe(0);
});
