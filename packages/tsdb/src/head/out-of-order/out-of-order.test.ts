import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { type FloatHistogram, Labels, Matcher } from "@narthex/model";
import { createLogger, runToEnd, systemClock } from "@narthex/runtime";
import { temporaryFolder } from "@narthex/runtime/testing";
import { OUTCOME_DUPLICATE, OUTCOME_OK, OUTCOME_OUT_OF_ORDER, OUTCOME_TOO_OLD, SampleColumns } from "@narthex/storage";
import { expect, test } from "vitest";
import { diskFiles, type Files } from "../../files.ts";
import { refusing } from "../../testing/refusing-files.ts";
import { commitRows } from "../../testing/sample-rows.ts";
import { Durability } from "../../wal/durability.ts";
import { readSegment } from "../../wal/read-segment.ts";
import { listSegments } from "../../wal/segment.ts";
import { WalWriter } from "../../wal/writer.ts";
import { CommitLog } from "../append/commit-log.ts";
import { Head } from "../head.ts";
import { OutOfOrderWindow } from "./out-of-order-window.ts";
import { readLog } from "../replay/read-log.ts";
import { Replay } from "../replay/replay.ts";
import { ChunkFiles } from "../chunk-files/chunk-files.ts";
import type { StoredChunks } from "../chunk-files/stored-chunks.ts";
import { truncateHead } from "../truncate.ts";

const MINUTE = 60_000;
const WINDOW = 600 * MINUTE;
const logger = createLogger({ level: "error", format: "logfmt", clock: systemClock, write: () => {} });
const labelsOf = (series: number): Labels => Labels.of({ __name__: "m", s: `${series}` });

interface Opened {
  readonly head: Head;
  readonly stored: StoredChunks;
  readonly close: () => Promise<void>;
}

async function opened(dir: string, windowMs = WINDOW, files: Files = diskFiles): Promise<Opened> {
  const head = new Head(0, undefined, { chunkFiles: new ChunkFiles(join(dir, "chunks_head"), files, logger) });
  const stored = head.stored!;
  const asideDir = join(dir, "aside");
  await stored.load({ logsHaveAll: true, asideDir });
  const replay = new Replay(head);
  diskFiles.makeFolder(join(dir, "wal"));
  await readLog(join(dir, "wal"), replay, { logger, progress: { min: 0, max: 0, current: 0 }, asideDir });
  const window = new OutOfOrderWindow(head, {
    dir: join(dir, "wbl"),
    asideDir,
    files: diskFiles,
    logger,
    compression: "snappy",
  });
  await window.replay(replay, stored, () => undefined);
  stored.loaded.dropRest();
  window.open(windowMs);
  const wal = new WalWriter(join(dir, "wal"));
  const quiet = { failed: () => {}, succeeded: () => {} };
  head.log = new CommitLog(
    wal,
    new Durability(wal, { policy: "never", clock: systemClock, syncing: quiet, writing: quiet }),
  );
  await window.repair();
  return {
    head,
    stored,
    close: async () => {
      await wal.close();
      await window.close();
      stored.files.close();
    },
  };
}

const append = (head: Head, samples: readonly { s: number; t: number; v: number }[]): Promise<number[]> =>
  commitRows(
    head,
    samples.map(({ s, t, v }) => [labelsOf(s), t * MINUTE, v]),
  );

async function contents(head: Head): Promise<Record<string, [number, number][]>> {
  const querier = head.querier(-Infinity, Infinity);
  const set = await querier.select([new Matcher("=", "__name__", "m")], { start: -Infinity, end: Infinity });
  const into = new SampleColumns();
  const found = Object.fromEntries(
    set.labels.map((labels, i) => {
      set.read(i, -Infinity, Infinity, into);
      return [
        labels.get("s"),
        Array.from({ length: into.count }, (_, k) => [into.timestamps[k]! / MINUTE, into.values[k]!]),
      ];
    }),
  );
  querier.close();
  return found as Record<string, [number, number][]>;
}

test("samples within the window are accepted in any order, merged, and restored by a start", async () => {
  const sample = fc.record({ s: fc.integer({ min: 0, max: 2 }), t: fc.integer({ min: 0, max: 300 }), v: fc.integer() });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(sample, { minLength: 1, maxLength: 60 }), { maxLength: 6 }), async (commits) => {
      const dir = temporaryFolder();
      const model = new Map<number, Map<number, number>>();
      const first = await opened(dir);
      await append(first.head, [{ s: 9, t: 301, v: 0 }]);
      for (const commit of commits) {
        // Leaves out samples whose series already has a sample with this timestamp, because this test does not check
        // which of two values is kept.
        const fresh = commit.filter(
          ({ s, t }, i) =>
            model.get(s)?.has(t) !== true && commit.findIndex((other) => other.s === s && other.t === t) === i,
        );
        if (fresh.length === 0) continue;
        // oxlint-disable-next-line no-await-in-loop -- in order
        expect(await append(first.head, fresh)).toEqual(fresh.map(() => OUTCOME_OK));
        for (const { s, t, v } of fresh) {
          if (!model.has(s)) model.set(s, new Map());
          model.get(s)!.set(t, v);
        }
      }
      const expected = Object.fromEntries(
        [[9, [[301, 0]]] as [number, number[][]]].concat(
          [...model].map(([s, samples]) => [s, [...samples].sort(([a], [b]) => a - b)]),
        ),
      );
      expect(await contents(first.head)).toEqual(expected);
      await first.close();
      const second = await opened(dir);
      expect(await contents(second.head)).toEqual(expected);
      const sealed = runToEnd(second.head.outOfOrder.seal());
      expect(await contents(second.head)).toEqual(expected);
      await second.close();
      const third = await opened(dir);
      expect(await contents(third.head)).toEqual(expected);
      await third.close();
      expect(sealed.chunks.rows.length).toBeLessThanOrEqual(3);
    }),
    { numRuns: 30 },
  );
});

test("the outcome of each sample, and the counter that it increases, are those of Prometheus", async () => {
  const { head, close } = await opened(temporaryFolder());
  await append(head, [{ s: 1, t: 1000, v: 1 }]);
  expect(
    await append(head, [
      { s: 1, t: 1000, v: 2 },
      { s: 1, t: 1000, v: 1 },
      { s: 1, t: 399, v: 1 },
      { s: 1, t: 400, v: 1 },
    ]),
  ).toEqual([OUTCOME_DUPLICATE, OUTCOME_OK, OUTCOME_TOO_OLD, OUTCOME_OK]);
  expect(head.counters.floatsTooOld).toBe(1);
  expect(head.outOfOrder.floatsAppended).toBe(1);
  head.outOfOrder.windowMs = 0;
  expect(
    await append(head, [
      { s: 1, t: 400, v: 1 },
      { s: 1, t: 999, v: 1 },
    ]),
  ).toEqual([OUTCOME_TOO_OLD, OUTCOME_OUT_OF_ORDER]);
  expect(head.counters.floatsOutOfBounds).toBe(1);
  expect(head.counters.floatsOutOfOrder).toBe(1);
  await close();
});

test("sealed samples are dropped, later ones stay, and readers that started before the drop see both", async () => {
  const { head, close } = await opened(temporaryFolder());
  await append(head, [{ s: 1, t: 1000, v: 1 }]);
  const late = Array.from({ length: 40 }, (_, i) => ({ s: 1, t: 500 + i, v: i }));
  await append(head, late);
  const sealed = runToEnd(head.outOfOrder.seal());
  expect([sealed.minTime / MINUTE, sealed.maxTime / MINUTE]).toEqual([500, 539]);
  await append(head, [{ s: 1, t: 600, v: 7 }]);
  const before = head.querier(-Infinity, Infinity);
  const set = await before.select([new Matcher("=", "s", "1")], { start: -Infinity, end: Infinity });
  runToEnd(head.outOfOrder.drop(sealed));
  const into = new SampleColumns();
  set.read(0, -Infinity, Infinity, into);
  expect(into.count).toBe(42);
  expect(await contents(head)).toEqual({
    1: [
      [600, 7],
      [1000, 1],
    ],
  });
  // Fills further chunks while the open querier `before` still reads the dropped chunks.
  await append(
    head,
    Array.from({ length: 70 }, (_, i) => ({ s: 1, t: 700 + i, v: i })),
  );
  before.close();
  expect((await contents(head))["1"]).toHaveLength(72);
  runToEnd(head.outOfOrder.drop(runToEnd(head.outOfOrder.seal())));
  expect(await contents(head)).toEqual({ 1: [[1000, 1]] });
  await truncateHead(head, 2000 * MINUTE);
  expect(head.memory.series.count).toBe(0);
  await close();
});

test("out-of-order histograms are accepted, even between floats", async () => {
  const dir = temporaryFolder();
  const { head, close } = await opened(dir);
  const histogram = (count: number): FloatHistogram => ({
    resetHint: "unknown",
    schema: 0,
    zeroThreshold: 0.001,
    zeroCount: 1,
    count: count + 1,
    sum: count,
    positiveSpans: [{ offset: 0, length: 1 }],
    positiveBuckets: Float64Array.of(count),
    negativeSpans: [],
    negativeBuckets: new Float64Array(0),
    customBounds: undefined,
    integer: true,
  });
  await append(head, [{ s: 1, t: 1000, v: 1 }]);
  const app = head.appender();
  const ref = app.series(labelsOf(1));
  for (let i = 0; i < 50; i++) {
    expect(app.appendHistogram(ref, (950 - i) * MINUTE, histogram(i))).toBe(OUTCOME_OK);
  }
  await app.commit();
  await append(head, [
    { s: 1, t: 920, v: 3 },
    { s: 1, t: 899, v: 4 },
  ]);
  const check = async (opened: Head): Promise<void> => {
    const querier = opened.querier(-Infinity, Infinity);
    const set = await querier.select([new Matcher("=", "s", "1")], { start: -Infinity, end: Infinity });
    const into = new SampleColumns();
    set.read(0, -Infinity, Infinity, into);
    expect(into.count).toBe(52);
    expect(into.timestamps[0]).toBe(899 * MINUTE);
    expect(into.histograms![1]!.count).toBe(50);
    expect(into.histograms![50]!.count).toBe(1);
    querier.close();
  };
  await check(head);
  await close();
  const again = await opened(dir);
  await check(again.head);
  await again.close();
});

const lateFrom = (s: number, from: number, count: number): { s: number; t: number; v: number }[] =>
  Array.from({ length: count }, (_, i) => ({ s, t: from + i, v: i }));

const timesOf = async (head: Head, s: number): Promise<number[]> =>
  ((await contents(head))[String(s)] ?? []).map(([time]) => time);

const times = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);

/** Returns the offsets of the records in the only segment of the out-of-order log, and the path of the segment. */
async function recordsOf(dir: string): Promise<{ path: string; offsets: number[] }> {
  const [segment] = listSegments(join(dir, "wbl"), diskFiles).filter(({ size }) => size > 0);
  const offsets: number[] = [];
  await readSegment(segment!.path, (_, offset) => offsets.push(offset));
  return { path: segment!.path, offsets };
}

test("chunks that are in blocks are not restored from their file if the log ends within a record", async () => {
  const dir = temporaryFolder();
  const first = await opened(dir);
  await append(first.head, [{ s: 1, t: 1000, v: 1 }]);
  await append(first.head, lateFrom(1, 500, 40));
  runToEnd(first.head.outOfOrder.drop(runToEnd(first.head.outOfOrder.seal())));
  await append(first.head, lateFrom(1, 600, 2));
  await append(first.head, lateFrom(1, 700, 1));
  await first.close();
  const { path } = await recordsOf(dir);
  truncateSync(path, readFileSync(path).length - 1);
  const second = await opened(dir);
  expect(await timesOf(second.head, 1)).toEqual([600, 601, 1000]);
  await second.close();
});

test("a marker does not apply to a chunk of another series that has the reference of a removed chunk", async () => {
  const dir = temporaryFolder();
  const first = await opened(dir);
  await append(first.head, [
    { s: 1, t: 1000, v: 1 },
    { s: 2, t: 1000, v: 1 },
  ]);
  await append(first.head, lateFrom(1, 500, 10));
  runToEnd(first.head.outOfOrder.seal());
  await first.close();
  truncateSync(join(dir, "chunks_head", "000001"), 20);
  const second = await opened(dir);
  expect(await timesOf(second.head, 1)).toEqual([...times(500, 10), 1000]);
  await append(second.head, lateFrom(2, 600, 40));
  await second.close();
  const third = await opened(dir);
  expect(await timesOf(third.head, 1)).toEqual([...times(500, 10), 1000]);
  expect(await timesOf(third.head, 2)).toEqual([...times(600, 40), 1000]);
  await third.close();
});

test("samples of a rewritten log, and of an earlier chunk, are there after a later chunk got a marker", async () => {
  const dir = temporaryFolder();
  const first = await opened(dir);
  await append(first.head, [{ s: 1, t: 1000, v: 1 }]);
  for (const from of [500, 600]) {
    await append(first.head, lateFrom(1, from, 5));
    runToEnd(first.head.outOfOrder.seal());
    first.stored.files.cut();
  }
  await first.close();
  truncateSync(join(dir, "chunks_head", "000002"), 20);
  const second = await opened(dir);
  runToEnd(second.head.outOfOrder.seal());
  await second.close();
  const third = await opened(dir);
  expect(await timesOf(third.head, 1)).toEqual([...times(500, 5), ...times(600, 5), 1000]);
  await third.close();
});

test("samples of a chunk whose log records are damaged are there after every further start", async () => {
  const dir = temporaryFolder();
  const first = await opened(dir);
  await append(first.head, [{ s: 1, t: 1000, v: 1 }]);
  await append(first.head, lateFrom(1, 500, 32));
  await append(first.head, lateFrom(1, 600, 1));
  await append(first.head, lateFrom(1, 700, 1));
  await first.close();
  // Damages the first two records of the out-of-order log: the samples of the full chunk, and the marker of the chunk.
  const { path, offsets } = await recordsOf(dir);
  const bytes = readFileSync(path);
  for (const offset of offsets.slice(0, 2)) bytes[offset + 10]! ^= 0xff;
  writeFileSync(path, bytes);
  for (let start = 0; start < 3; start++) {
    const again = await opened(dir);
    expect(await timesOf(again.head, 1), `start ${start}`).toEqual([...times(500, 32), 600, 700, 1000]);
    await again.close();
  }
});

test("a chunk that becomes full during the replay of the log stays in memory if the disk refuses it", async () => {
  const dir = temporaryFolder();
  const files = refusing("write", () => true);
  const first = await opened(dir, WINDOW, files);
  await append(first.head, [{ s: 1, t: 1000, v: 1 }]);
  await append(first.head, lateFrom(1, 500, 80));
  await first.close();
  const second = await opened(dir, WINDOW, files);
  expect(await timesOf(second.head, 1)).toEqual([...times(500, 80), 1000]);
  expect(runToEnd(second.head.outOfOrder.seal()).chunks.rows.length).toBe(1);
  await second.close();
  const third = await opened(dir);
  expect(await timesOf(third.head, 1)).toEqual([...times(500, 80), 1000]);
  await third.close();
});

test("a commit whose out-of-order samples fill a chunk waits for the disk without blocking the event loop", async () => {
  const dir = temporaryFolder();
  const held: string[] = [];
  const files: Files = {
    ...diskFiles,
    syncNow(file) {
      held.push("syncNow");
      diskFiles.syncNow(file);
    },
    syncFolderNow(path) {
      held.push("syncFolderNow");
      diskFiles.syncFolderNow(path);
    },
  };
  const { head, stored, close } = await opened(dir, WINDOW, files);
  const commit = async (from: number, count: number): Promise<void> =>
    expect(await append(head, lateFrom(1, from, count))).toEqual(Array.from({ length: count }, () => OUTCOME_OK));
  const fullChunkFile = (): number => {
    const { series, chunks } = head.memory;
    return chunks.fileOf(series.at.outOfOrder[1]!);
  };
  await commit(500, 1);
  // Adds 40 samples, which fill one chunk of 32. This chunk goes into the first chunk file. After cut(), the next full
  // chunk goes into a second file.
  await commit(10, 40);
  const first = fullChunkFile();
  expect(first).toBeGreaterThan(0);
  stored.files.cut();
  await commit(60, 40);
  expect(fullChunkFile()).toBe(first + 1);
  expect(held).toEqual([]);
  await close();
});

test("many out-of-order samples of a commit are logged and inserted in parts, each in a separate turn", async () => {
  const { head, close } = await opened(temporaryFolder());
  await append(head, [{ s: 0, t: 1000, v: 1 }]);
  const sizes: number[] = [];
  const turns = new Set<number>();
  let turn = 0;
  let isOver = false;
  const next = (): void => {
    turn++;
    if (!isOver) setImmediate(next);
  };
  setImmediate(next);
  const finish = head.outOfOrder.finish.bind(head.outOfOrder);
  head.outOfOrder.finish = (staged) => {
    sizes.push(staged?.length ?? 0);
    turns.add(turn);
    return finish(staged);
  };
  const late = Array.from({ length: 2000 }, (_, i) => ({ s: i % 700, t: 500 + (i % 97), v: i }));
  await append(head, late);
  isOver = true;
  expect(Math.max(...sizes)).toBe(512);
  expect(turns.size).toBe(sizes.length);
  expect(sizes.reduce((sum, size) => sum + size)).toBe(head.outOfOrder.floatsAppended);
  await close();
});

test("many series with out-of-order samples are sealed and dropped in steps, and samples that arrive meanwhile stay", async () => {
  const { head, stored, close } = await opened(temporaryFolder());
  await append(head, [{ s: 0, t: 1000, v: 1 }]);
  const late = Array.from({ length: 3000 }, (_, i) => ({ s: i, t: 500 + (i % 50), v: i }));
  await append(head, late);
  const expected = await contents(head);
  const before = stored.files.written;
  const seal = head.outOfOrder.seal();
  let writes = 0;
  for (; ; writes++) {
    const step = seal.next();
    // Each step closes and stores the chunks of 512 series, so all closed chunks are in a file after the step.
    expect(stored.files.written - before).toBe(Math.min(3000, (writes + 1) * 512));
    if (step.done !== true) continue;
    const drop = head.outOfOrder.drop(step.value);
    drop.next();
    await append(head, [{ s: 7, t: 400, v: 3 }]);
    expect(head.outOfOrder.minTime).toBe(400 * MINUTE);
    runToEnd(drop);
    break;
  }
  expect(writes).toBe(5);
  expect([head.outOfOrder.minTime, head.outOfOrder.maxTime]).toEqual([400 * MINUTE, 400 * MINUTE]);
  const left = await contents(head);
  expect(Object.keys(expected)).toHaveLength(3000);
  expect(Object.fromEntries(Object.entries(left).filter(([, samples]) => samples.length > 0))).toEqual({
    0: [[1000, 1]],
    7: [[400, 3]],
  });
  await close();
});
