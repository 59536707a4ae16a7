import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Cursor } from "@narthex/bytes";
import { Labels, Matcher } from "@narthex/model";
import { temporaryFolder } from "@narthex/runtime/testing";
import { createSampleBatch, type Queryable, SampleColumns, SampleSpans } from "@narthex/storage";
import { histogramOf } from "@narthex/storage/testing";
import { expect, test } from "vitest";
import { openBlock } from "../block/open-block.ts";
import { writeBlock } from "../block/write-block.ts";
import { diskFiles } from "../files.ts";
import { Head } from "../head/head.ts";
import { type ListedSeries, ListedSource } from "../testing/listed-series.ts";
import { mergedQueryable } from "./merge.ts";

const MINUTE = 60_000;
/** Time at which the head begins, ms. Blocks contain the earlier samples. */
const HEAD_START = 1000 * MINUTE;
const ALL = [new Matcher("=~", "__name__", ".+")];

const dir = temporaryFolder();

const floats = Labels.of({ __name__: "floats" });
const histograms = Labels.of({ __name__: "histograms" });
const late = Labels.of({ __name__: "late" });

/** Creates a head with closed and open chunks of floats and histograms, and with out-of-order samples. */
async function writtenHead(): Promise<Head> {
  const head = new Head(0);
  head.outOfOrder.windowMs = 500 * MINUTE;
  const order = Array.from({ length: 300 }, (_, i) => HEAD_START + i * MINUTE);
  const write = async (labels: Labels, times: readonly number[]): Promise<void> => {
    const app = head.appender();
    const ref = app.series(labels);
    const batch = createSampleBatch(times.length);
    for (const time of times) {
      if (labels === histograms) app.appendHistogram(ref, time, histogramOf((time / MINUTE) % 50));
      else {
        batch.refs[batch.count] = ref;
        batch.values[batch.count] = Math.sin(time);
        batch.timestamps[batch.count++] = time;
      }
    }
    app.append(batch);
    await app.commit();
  };
  await write(floats, order);
  await write(histograms, order);
  await write(late, order.slice(200));
  await write(late, order.slice(0, 70));
  return head;
}

/** Returns the size of the chunks of a row in memory, bytes. */
function bytesInMemory({ memory }: Head, row: number): number {
  const { chunks, series } = memory;
  const { at } = series;
  const chain = (last: number, end: number): number => {
    let bytes = 0;
    for (let id = last; id !== end && id !== 0; id = chunks.previous[id]!) bytes += chunks.size[id]!;
    return bytes;
  };
  const closed = chain(at.lastChunk[row]!, 0);
  const outOfOrder = chain(at.outOfOrder[row]!, at.outOfOrderEnd[row]!) + chain(at.outOfOrderOpen[row]!, 0);
  return closed + outOfOrder + Math.ceil(at.openBits[row]! / 8);
}

/** Returns the size of the chunks in a block's files, without their lengths, encodings and checksums. */
function bytesOnDisk(block: string): number {
  let bytes = 0;
  for (const file of readdirSync(join(block, "chunks"))) {
    const cursor = new Cursor(readFileSync(join(block, "chunks", file)), 8);
    while (cursor.rest > 0) {
      const length = cursor.uvarint();
      cursor.take(1 + length + 4);
      bytes += length;
    }
  }
  return bytes;
}

type Read = (index: number) => void;

/**
 * Reads the series of a selection one after the other. Returns by how many decoded bytes each read increases the
 * querier's count. `prepare` returns the function that reads one series.
 */
async function counted(storage: Queryable, prepare: (set: Set) => Read, end = Infinity): Promise<number[]> {
  const querier = storage.querier(0, end);
  const set = await querier.select(ALL, { start: 0, end });
  expect(querier.bytesRead).toBe(0);
  const read = prepare(set);
  const counts = set.labels.map((_, i) => {
    const before = querier.bytesRead!;
    read(i);
    return querier.bytesRead! - before;
  });
  querier.close();
  return counts;
}

type Set = Awaited<ReturnType<ReturnType<Queryable["querier"]>["select"]>>;

const columns = new SampleColumns(1);
const whole =
  (set: Set): Read =>
  (i) =>
    set.read(i, 0, Infinity, columns);

test("the bytes read from a head are the size of its chunks: closed, open and out of order", async () => {
  const head = await writtenHead();
  const rows = [1, 2, 3].map((row) => bytesInMemory(head, row));
  expect(rows.every((bytes) => bytes > 100)).toBe(true);
  expect(await counted(head, whole)).toEqual(rows);
  // A second read of the same samples counts their bytes again, because the head caches no decoded chunks.
  expect(await counted(head, whole)).toEqual(rows);
  const newest = await counted(head, (set) => (i) => set.readNewest!(i, 0, Infinity, columns));
  expect(newest).toEqual([0, rows[1], 0]);
  expect(await counted(head, whole, HEAD_START - 1)).toEqual([]);
});

test("the bytes read from blocks and head are the sizes of the chunks on disk and in memory", async () => {
  const head = await writtenHead();
  const older = (labels: Labels, of: (i: number) => ListedSeries["samples"][number][1]): ListedSeries => ({
    labels,
    samples: Array.from({ length: 200 }, (_, i) => [i * MINUTE, of(i)]),
  });
  const ulid = "01BYTESREAD000000000000000";
  const draft = { ulid, minTime: 0, maxTime: 200 * MINUTE, compaction: { level: 1, sources: [ulid] } };
  const listed = [older(floats, (i) => Math.cos(i)), older(histograms, (i) => histogramOf(i % 40))];
  writeBlock(dir, draft, new ListedSource(listed, 120), diskFiles);
  const block = openBlock(join(dir, ulid), { files: diskFiles });
  const onDisk = bytesOnDisk(join(dir, ulid));
  const inMemory = [1, 2, 3].reduce((sum, row) => sum + bytesInMemory(head, row), 0);
  const sum = (counts: readonly number[]): number => counts.reduce((before, count) => before + count, 0);
  const storage = mergedQueryable(head, () => [block]);
  expect(sum(await counted(storage, whole, HEAD_START - 1))).toBe(onDisk);
  expect(
    sum(
      await counted(
        mergedQueryable(head, () => [block]),
        whole,
      ),
    ),
  ).toBe(onDisk + inMemory);
  // Float chunks are cached in decoded form after their second read, and then no longer counted.
  const again = await counted(storage, whole, HEAD_START - 1);
  expect(sum(again)).toBe(onDisk);
  expect(await counted(storage, whole, HEAD_START - 1)).toEqual([0, again[1]]);
  const spans = new SampleSpans();
  const asSpans = await counted(
    mergedQueryable(head, () => [block]),
    (set) => (i) => void set.readSpans!(i, 0, Infinity, spans),
  );
  expect(asSpans[0]).toBe(again[0]! + bytesInMemory(head, 1));
  block.close();
});
