import { EventEmitter } from "node:events";
import { cpSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { ByteWriter } from "@narthex/bytes";
import { Labels } from "@narthex/model";
import { type LogLine, ManualClock, memoryLogger, settle, temporaryFolder } from "@narthex/runtime/testing";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import type { Block } from "../block/block.ts";
import { openBlock } from "../block/open-block.ts";
import { SeriesEntry } from "../block/series-entry.ts";
import { writeBlock } from "../block/write-block.ts";
import type { CompactionJob } from "../compact/compaction-job.ts";
import { startCompactionThread } from "../compact/compaction-thread.ts";
import { headDraft, newBlockName } from "../compact/draft.ts";
import { appendRows, timesBetween } from "../testing/sample-rows.ts";
import { openTestTsdb } from "../testing/test-tsdb.ts";
import type { Tsdb, TsdbOptions } from "../tsdb.ts";
import { diskFiles } from "../files.ts";
import type { JobThread } from "../job-thread.ts";
import { StorageThread } from "./storage-thread.ts";
import { ListedSource } from "../testing/listed-series.ts";
import { runCheckpoint } from "../wal/checkpoint.ts";
import { writeSeries } from "../wal/records.ts";
import { listCheckpoints, listSegments } from "../wal/segment.ts";
import { WalWriter } from "../wal/writer.ts";

const SERIES = 20_000;
afterEach(() => void vi.restoreAllMocks());

/** Writes a block with many label values. Returns the folder of the block. */
function writtenIn(dir: string, time = 1): string {
  const series = Array.from({ length: SERIES }, (_, i) => ({
    labels: Labels.of({ instance: `host-${i}`, job: "j" }),
    samples: [[time, i]] as const,
  }));
  const name = newBlockName(time);
  writeBlock(dir, headDraft(name, 0, 10), new ListedSource(series), diskFiles);
  return join(dir, name);
}

function workWith(entry?: string) {
  const logger = memoryLogger();
  const clock = new ManualClock();
  const program = entry === undefined ? undefined : join(temporaryFolder(), "entry.mjs");
  if (program !== undefined) writeFileSync(program, entry!);
  const work = new StorageThread({
    files: diskFiles,
    clock,
    logger,
    program: program === undefined ? undefined : pathToFileURL(program),
  });
  onTestFinished(() => work.stop());
  return { work, clock, lines: logger.lines };
}

/** Records the number of bytes that this thread reads from files, and the paths that this thread removes. */
function watched(): { bytes: number; removed: string[] } {
  const seen = { bytes: 0, removed: [] as string[] };
  const disk = { ...diskFiles };
  vi.spyOn(diskFiles, "read").mockImplementation((file, into, position) => {
    const count = disk.read(file, into, position);
    seen.bytes += count;
    return count;
  });
  for (const name of ["remove", "unlink"] as const) {
    vi.spyOn(diskFiles, name).mockImplementation((path) => {
      seen.removed.push(path);
      disk[name](path);
    });
  }
  return seen;
}

function contentsOf(block: Block): unknown {
  const entry = new SeriesEntry();
  block.series(block.postings("instance", "host-777")[0]!, entry);
  const into = { bytes: new Uint8Array(0), start: 0, end: 0, encoding: 0 };
  block.chunkReader().read(entry.chunkRef[0]!, into);
  return [
    block.meta,
    block.sizeBytes,
    block.labelNames(),
    block.labelValues("instance"),
    block.allPostings().length,
    Array.from(block.symbolIds(), (id) => block.symbol(id)).join(),
    into.bytes.slice(into.start, into.end),
  ];
}

test("open() reads almost nothing on this thread, and returns the same block as openBlock()", async () => {
  const dir = writtenIn(temporaryFolder());
  const expected = openBlock(dir, { files: diskFiles });
  const { work } = workWith();
  const seen = watched();
  const block = await work.open(dir, { files: diskFiles });
  expect(seen.bytes).toBeLessThan(64);
  expect(contentsOf(block)).toEqual(contentsOf(expected));
  block.close();
  expected.close();
});

test.for<[string, (dir: string) => void]>([
  ["an index that is cut off", (dir) => truncateSync(join(dir, "index"), statSync(join(dir, "index")).size - 1)],
  ["no index", (dir) => rmSync(join(dir, "index"))],
  ["no chunks", (dir) => rmSync(join(dir, "chunks"), { recursive: true })],
  ["a meta.json of nonsense", (dir) => writeFileSync(join(dir, "meta.json"), "{}")],
])("open() says the same of %s as openBlock()", async ([, damage]) => {
  const dir = writtenIn(temporaryFolder());
  damage(dir);
  const { work } = workWith();
  const messageOf = (error: unknown): unknown => {
    const { name, message, cause } = error as Error;
    return { name, message, code: (cause as NodeJS.ErrnoException | undefined)?.code };
  };
  const failure = await work.open(dir, { files: diskFiles }).catch(messageOf);
  let expected: unknown;
  try {
    openBlock(dir, { files: diskFiles });
  } catch (error) {
    expected = messageOf(error);
  }
  expect(failure).toEqual(expected);
});

test("if no thread can be started, the work is still done, and one message is logged", async () => {
  const dir = writtenIn(temporaryFolder());
  const { work, lines } = workWith("throw new Error('no thread today');");
  for (const again of [1, 2]) {
    const block = await work.open(dir, { files: diskFiles });
    expect(block.labelValues("instance"), String(again)).toHaveLength(SERIES);
    block.close();
  }
  await work.remove(dir);
  await work.remove(dir);
  expect(readdirSync(join(dir, ".."))).toEqual([]);
  expect(lines.map(({ message, fields }) => [message, fields["err"]])).toEqual([
    ["starting the storage thread (the main thread does its work) failed", "no thread today"],
  ]);
});

test("work that is in progress is abandoned when the database closes", async () => {
  const dir = writtenIn(temporaryFolder());
  const { work } = workWith("import { parentPort } from 'node:worker_threads'; parentPort.on('message', () => {});");
  const removal = work.remove(dir);
  await work.stop();
  await removal;
  expect(readdirSync(dir)).toContain("index");
});

async function opened(dir: string, options: Partial<TsdbOptions> = {}) {
  const logger = memoryLogger();
  const db = await openTestTsdb(dir, { lockFile: true, logger, retentionMs: 0, ...options });
  const line = async (wanted: string): Promise<LogLine> =>
    vi.waitFor(() => {
      const found = logger.lines.find(({ message }) => message === wanted);
      if (found === undefined) throw new Error(`no line says "${wanted}"`);
      return found;
    });
  return { db, line };
}

test("checking a block that was added to the folder, and removing it, does not block the event loop", async () => {
  const elsewhere = writtenIn(temporaryFolder());
  const dir = temporaryFolder();
  const { db, line } = await opened(dir);
  cpSync(elsewhere, join(dir, elsewhere.slice(-26)), { recursive: true });
  const seen = watched();
  await db.maintain();
  expect(db.blocks()).toHaveLength(1);
  expect(seen.bytes).toBeLessThan(64);
  db.applyRetention({ timeMs: 0, sizeBytes: 1 });
  await db.maintain();
  await line("deleted a block");
  expect(db.blocks()).toHaveLength(0);
  expect(readdirSync(dir).filter((name) => name.startsWith(elsewhere.slice(-26)))).toEqual([]);
  expect(seen.removed.filter((path) => path.includes(elsewhere.slice(-26)))).toEqual([]);
});

/** Writes a log of three segments, of which the first two have many series. */
async function loggedIn(dir: string): Promise<string> {
  const wal = new WalWriter(dir, { compression: "none", files: diskFiles });
  const record = new ByteWriter();
  for (let ref = 1; ref <= SERIES; ref++) {
    record.reset();
    writeSeries(record, ref, Labels.of({ instance: `host-${ref}` }));
    wal.log(record.written);
    if (ref % (SERIES / 2) === 0) wal.nextSegment();
  }
  await wal.close();
  return dir;
}

test("checkpoint() on the thread writes the same files as runCheckpoint() on this thread, and removes the segments on the thread", async () => {
  const keptRefs = Float64Array.from({ length: SERIES / 4 }, (_, i) => (SERIES / 4 - i) * 3);
  const request = { lastSegment: 1, minTime: 0, compression: "none", keptRefs } as const;
  const [dir, here] = [await loggedIn(join(temporaryFolder(), "wal")), await loggedIn(join(temporaryFolder(), "wal"))];
  await runCheckpoint(here, request, diskFiles);
  const { work } = workWith();
  const seen = watched();
  await work.checkpoint(dir, request);
  expect(seen).toEqual({ bytes: 0, removed: [] });
  expect(listSegments(dir).map(({ index }) => index)).toEqual(listSegments(here).map(({ index }) => index));
  expect(listSegments(dir)[0]!.index).toBe(2);
  const bytesOf = (log: string) =>
    listSegments(listCheckpoints(log).at(-1)!.path).map(({ path }) => Buffer.from(diskFiles.readWhole(path)));
  expect(bytesOf(dir)).toEqual(bytesOf(here));
  expect(bytesOf(dir)[0]!.length).toBeGreaterThan(SERIES);
});

test("if the thread ends after it renamed a checkpoint, the main thread continues from there", async () => {
  const request = { lastSegment: 1, minTime: 0, compression: "none", keptRefs: Float64Array.of(7) } as const;
  const [dir, there] = [await loggedIn(join(temporaryFolder(), "wal")), await loggedIn(join(temporaryFolder(), "wal"))];
  await runCheckpoint(there, request, diskFiles);
  const [finished] = listCheckpoints(there);
  const [from, to] = [finished!.path, join(dir, basename(finished!.path))].map((path) => JSON.stringify(path));
  const { work, lines } = workWith(`
    import { renameSync } from "node:fs";
    import { parentPort } from "node:worker_threads";
    parentPort.on("message", () => {
      renameSync(${from}, ${to});
      throw new Error("no more today");
    });
  `);
  await work.checkpoint(dir, request);
  expect(lines.map(({ fields }) => fields["err"])).toEqual(["no more today"]);
  expect(listCheckpoints(dir).map(({ index }) => index)).toEqual([1]);
  expect(listSegments(dir).map(({ index }) => index)).toEqual([2]);
});

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Appends one sample per minute in a range of time. */
const appendMinutes = (db: Tsdb, from: number, to: number): Promise<void> =>
  appendRows(
    db,
    timesBetween(from, to, MINUTE).map((time) => ["m", time, time]),
  );

test("head chunk files and segments of the out-of-order log are removed on the thread", async () => {
  const dir = temporaryFolder();
  const { db } = await opened(dir, { outOfOrderTimeWindowMs: 24 * HOUR });
  const files = (name: string): string[] => readdirSync(join(dir, name)).filter((file) => /^\d+$/.test(file));
  await appendMinutes(db, 20 * HOUR, 22.5 * HOUR);
  await db.maintain();
  await appendMinutes(db, 19 * HOUR, 19.5 * HOUR);
  const before = { chunks: files("chunks_head"), log: files("wbl") };
  expect(before.chunks).toHaveLength(1);
  expect(before.log).toHaveLength(1);
  const seen = watched();
  await appendMinutes(db, 22.5 * HOUR, 29 * HOUR);
  await db.maintain();
  await vi.waitFor(() => expect(files("chunks_head")).not.toContain(before.chunks[0]));
  expect(files("wbl")).not.toContain(before.log[0]);
  expect(db.blocks().length).toBeGreaterThan(1);
  expect(seen.removed.filter((path) => /chunks_head|wbl/.test(path))).toEqual([]);
});

/**
 * A simulated thread that finishes its job while the test ends it. Records whether the process stayed alive for the
 * job.
 */
class EndingThread extends EventEmitter implements JobThread {
  #isHeld = true;
  wasHeld: boolean | undefined;

  ref(): void {
    this.#isHeld = true;
  }

  unref(): void {
    this.#isHeld = false;
  }

  postMessage(): void {}

  async terminate(): Promise<void> {
    this.emit("message", {});
    await settle();
    this.wasHeld = this.#isHeld;
    this.emit("exit");
  }
}

test.each<[string, (thread: EndingThread) => Promise<unknown>]>([
  [
    "storage",
    async (thread) => {
      const parts = { files: diskFiles, clock: new ManualClock(), logger: memoryLogger() };
      const work = new StorageThread({ ...parts, program: () => thread });
      await Promise.all([work.remove(temporaryFolder()), settle().then(() => work.stop())]);
    },
  ],
  [
    "compaction",
    async (thread) => {
      const compaction = startCompactionThread(() => thread);
      await Promise.all([compaction.run({} as CompactionJob), compaction.end()]);
    },
  ],
])("the process stays alive until the %s thread has ended, even if its job ends first", async (_, endDuringJob) => {
  const thread = new EndingThread();
  await endDuringJob(thread);
  expect(thread.wasHeld).toBe(true);
});
