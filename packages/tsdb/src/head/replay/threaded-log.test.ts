import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Labels } from "@narthex/model";
import { createLogger, systemClock } from "@narthex/runtime";
import { temporaryFolder } from "@narthex/runtime/testing";
import { createSampleBatch } from "@narthex/storage";
import { histogramOf } from "@narthex/storage/testing";
import { expect, test } from "vitest";
import { openTsdb } from "../../open-tsdb.ts";
import { diskFiles } from "../../files.ts";
import { contentsOf } from "../../testing/contents.ts";
import { Head } from "../head.ts";
import { type LogReading, readLog } from "./read-log.ts";
import { Replay } from "./replay.ts";
import { ChunkFiles } from "../chunk-files/chunk-files.ts";
import { type PartReader, ThreadedLog } from "./threaded-log.ts";

const START = 1_700_000_000_000;
const SEGMENT_BYTES = 160 * 1024;

/**
 * Writes a log with series that end and continue. The log has floats, histograms, series with both, exemplars and
 * deletions.
 */
async function writeLog(dir: string, rounds: number): Promise<void> {
  const logger = systemLogger([]);
  const options = { clock: systemClock, logger, walSegmentBytes: SEGMENT_BYTES, maxExemplars: 1000 };
  const db = await openTsdb(join(dir, "data"), options);
  for (let round = 0; round < rounds; round++) {
    const count = 200 + round;
    const app = db.appendable.appender();
    const batch = createSampleBatch(count);
    for (let i = 0; i < count; i++) {
      batch.refs[i] = app.series(Labels.of({ __name__: "m", i: String(i) }));
      batch.timestamps[i] = START + round * 15_000 + (i % 50);
      batch.values[i] = i % 3 === 0 ? round : Math.sin(i * round) * 1e6;
    }
    batch.count = count;
    app.append(batch);
    for (let i = 0; i < 20; i++) {
      const ref = app.series(Labels.of({ __name__: "m", i: i < 10 ? String(i) : `h${i}` }));
      const time = START + round * 15_000 + (i < 10 ? 5000 : 0);
      if (i >= 10 || round % 40 === i)
        app.appendHistogram(ref, time, histogramOf(3, { zeroCount: round, count: round + 6 }));
      if (round % 10 === 0) {
        app.appendExemplar(ref, { labels: Labels.of({ trace: `${round}-${i}` }), value: 1, timestamp: time });
      }
    }
    // oxlint-disable-next-line no-await-in-loop -- one commit after the other
    await app.commit();
  }
  await db.close();
  for (const name of readdirSync(join(dir, "data/wal"))) {
    if (/^\d+$/.test(name)) diskFiles.rename(join(dir, "data/wal", name), join(dir, name));
  }
  rmSync(join(dir, "data"), { recursive: true });
}

const systemLogger = (lines: string[]) =>
  createLogger({ level: "warn", format: "logfmt", clock: systemClock, write: (line) => void lines.push(line) });

interface Replayed {
  readonly reading: LogReading;
  readonly contents: unknown;
  readonly counts: unknown;
  readonly lines: readonly string[];
  readonly folder: unknown;
}

/** Replays a copy of a log's folder, with its chunk files. */
async function replayCopy(from: string, thread: "always" | "never"): Promise<Replayed> {
  const dir = temporaryFolder();
  diskFiles.makeFolder(join(dir, "wal"));
  for (const name of readdirSync(from)) diskFiles.copy(join(from, name), join(dir, "wal", name));
  const lines: string[] = [];
  const logger = systemLogger(lines);
  const head = new Head(1000, undefined, { chunkFiles: new ChunkFiles(join(dir, "chunks_head"), diskFiles, logger) });
  const stored = head.stored!;
  const asideDir = join(dir, "aside");
  await stored.load({ logsHaveAll: true, asideDir });
  const replay = new Replay(head);
  const progress = { min: 0, max: 0, current: 0 };
  const reading = await readLog(join(dir, "wal"), replay, { logger, progress, asideDir, thread });
  const { samples, unknownReferences, undecodable } = replay;
  const result = {
    reading,
    contents: await contentsOf(head),
    counts: { samples, unknownReferences, undecodable, minTime: head.minTime, maxTime: head.maxTime, progress },
    lines: lines.map((line) => line.replace(/^.*?level=/, "").replaceAll(dir, "")),
    folder: [
      ...readdirSync(join(dir, "wal")).map((name) => [name, readFileSync(join(dir, "wal", name)).length]),
      existsSync(asideDir) ? readdirSync(asideDir) : "",
    ],
  };
  stored.files.close();
  return result;
}

const bothWays = async (dir: string): Promise<[Replayed, Replayed]> => [
  await replayCopy(dir, "always"),
  await replayCopy(dir, "never"),
];

test("a replay with a thread that reads ahead restores the same head as a replay without it", async () => {
  const dir = temporaryFolder();
  await writeLog(dir, 300);
  const [ahead, alone] = await bothWays(dir);
  expect((alone.contents as Map<string, unknown>).size).toBe(499 + 10);
  expect(ahead).toEqual(alone);
});

test("damage of every kind is reported and repaired in the same way with and without a thread", async () => {
  const dir = temporaryFolder();
  await writeLog(dir, 300);
  const [first, second, , last] = readdirSync(dir).toSorted();
  const flip = (name: string, at: number): void => {
    const bytes = readFileSync(join(dir, name));
    bytes[at]! ^= 0x40;
    writeFileSync(join(dir, name), bytes);
  };
  flip(first!, 100_000);
  flip(first!, 140_000);
  rmSync(join(dir, second!));
  writeFileSync(join(dir, last!), readFileSync(join(dir, last!)).subarray(0, 70_001));
  const [ahead, alone] = await bothWays(dir);
  expect(alone.reading.corruptions).toBe(2);
  expect(alone.lines).toHaveLength(3);
  expect(ahead).toEqual(alone);
});

test("if a segment cannot be opened, reading rejects with the system's error", async () => {
  await using log = new ThreadedLog();
  const reader: PartReader = { floats: () => {}, other: () => {}, encodeGathered: () => {}, partSamples: 1000 };
  await expect(log.read({ path: "/nowhere/00000000", from: 0, passed: 0 }, reader)).rejects.toMatchObject({
    code: "ENOENT",
  });
});

test("if the thread has ended, the calling thread reads the rest", async () => {
  const dir = temporaryFolder();
  await writeLog(dir, 3);
  const log = new ThreadedLog();
  await log[Symbol.asyncDispose]();
  const reader: PartReader = { floats: () => {}, other: () => {}, encodeGathered: () => {}, partSamples: 1000 };
  expect(await log.read({ path: join(dir, "00000000"), from: 0, passed: 0 }, reader)).toBeUndefined();
});

test("an abort ends the reading with the reason of the abort, however far ahead the thread is", async () => {
  const dir = temporaryFolder();
  await writeLog(dir, 100);
  const stop = new AbortController();
  await using log = new ThreadedLog();
  const reader: PartReader = {
    floats: () => stop.abort(new Error("stopped")),
    other: () => {},
    encodeGathered: () => {},
    partSamples: 1000,
  };
  const reading = log.read({ path: join(dir, "00000000"), from: 0, passed: 0 }, reader, stop.signal);
  await expect(reading).rejects.toThrow("stopped");
});
