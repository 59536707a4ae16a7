import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compareBytewise, CUSTOM_BUCKETS_SCHEMA, Labels } from "@narthex/model";
import { temporaryFolder } from "@narthex/runtime/testing";
import { histogramOf } from "@narthex/storage/testing";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { diskFiles } from "../files.ts";
import { expectSeries, seriesOf } from "../testing/block-contents.ts";
import { type ListedSeries, ListedSource } from "../testing/listed-series.ts";
import type { Block } from "./block.ts";
import { CopySource } from "../testing/copy-source.ts";
import { openBlock, openBlockInTurns } from "./open-block.ts";
import { SeriesEntry } from "./series-entry.ts";
import { writeBlock } from "./write-block.ts";
import { refusing } from "../testing/refusing-files.ts";

const dir = temporaryFolder();

let made = 0;

function blockOf(series: readonly ListedSeries[], samplesPerChunk?: number): Block {
  const ulid = `01TEST${String(made++).padStart(20, "0")}`;
  const draft = { ulid, minTime: -1e6, maxTime: 1e6, compaction: { level: 1, sources: [ulid] } };
  writeBlock(dir, draft, new ListedSource(series, samplesPerChunk), diskFiles);
  return openBlock(join(dir, ulid), { files: diskFiles });
}

const text = fc.oneof(
  fc.constantFrom("a", "b", "job", "ü", "😀", "\uffff", "__name__", "x".repeat(300)),
  fc.string({ unit: "binary", minLength: 1, maxLength: 8 }),
);
const labels = fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 6 }).map((pairs) => Labels.of(pairs));
const samples = fc.array(fc.tuple(fc.integer({ min: 1, max: 5000 }), fc.double()), { maxLength: 25 }).map((steps) => {
  let time = -20_000;
  return steps.map(([step, value]) => [(time += step), value] as const);
});
const content = fc.uniqueArray(fc.record({ labels, samples }), {
  maxLength: 30,
  selector: (one) => one.labels.key,
});

test("a block contains what was written, and each label finds its series", () => {
  fc.assert(
    fc.property(content, (series) => {
      const kept = series.filter((one) => one.samples.length > 0);
      fc.pre(kept.length > 0);
      const block = blockOf(series);
      const found = seriesOf(block);
      expectSeries(found, series);
      expect(block.meta.stats?.numSeries).toBe(kept.length);
      expect(block.meta.stats?.numSamples).toBe(kept.reduce((sum, one) => sum + one.samples.length, 0));
      const names = new Set(kept.flatMap((one) => one.labels.names()));
      expect(block.labelNames()).toEqual([...names].sort(compareBytewise));
      const refs = [...block.allPostings()];
      for (const name of names) {
        const values = new Set(kept.map((one) => one.labels.get(name)).filter((value) => value !== ""));
        expect(block.labelValues(name)).toEqual([...values].sort(compareBytewise));
        expect(block.labelValueCount(name)).toBe(values.size);
        for (const value of values) {
          const expected = refs.filter((_, i) => found[i]!.labels.get(name) === value);
          expect([...block.postings(name, value)]).toEqual(expected);
        }
        expect([...block.postings(name, "\u0001 nobody has this")]).toEqual([]);
      }
      block.close();
    }),
    { numRuns: 60 },
  );
});

test("labels with thousands of values are found, although the table keeps only a sample of the values in memory", () => {
  const series = Array.from({ length: 3000 }, (_, i) => ({
    labels: Labels.of({ __name__: "up", instance: `host-${i}`, parity: i % 2 === 0 ? "even" : "odd" }),
    samples: [[i, i] as const],
  }));
  const block = blockOf(series);
  const entry = new SeriesEntry();
  for (let i = 0; i < series.length; i += 17) {
    const refs = block.postings("instance", `host-${i}`);
    expect(refs.length).toBe(1);
    block.series(refs[0]!, entry);
    expect([entry.labelCount, entry.chunkCount, entry.chunkMinTime[0]]).toEqual([3, 1, i]);
  }
  expect(block.postings("parity", "odd").length).toBe(1500);
  expect(block.labelValues("instance").length).toBe(3000);
  for (const value of ["", "host", "host-29999", "i", "zzz"]) expect(block.postings("instance", value).length).toBe(0);
  block.close();
});

test("openBlockInTurns() lets other work run meanwhile, and opens the same block", async () => {
  const series = Array.from({ length: 20_000 }, (_, i) => ({
    labels: Labels.of({ instance: `host-${i}` }),
    samples: [[i, i] as const],
  }));
  const block = blockOf(series);
  let turns = 0;
  const count = (): void => {
    turns++;
    waiting = setImmediate(count);
  };
  let waiting = setImmediate(count);
  const again = await openBlockInTurns(block.dir, { files: diskFiles });
  clearImmediate(waiting);
  expect(turns).toBeGreaterThan(3);
  expect(again.labelValues("instance")).toEqual(block.labelValues("instance"));
  await expect(openBlockInTurns(join(dir, "none"), { files: diskFiles })).rejects.toThrow("meta.json at 0");
  block.close();
  again.close();
});

test("chunks of every encoding are read back, even if a series has chunks of several encodings", () => {
  const bounds = {
    schema: CUSTOM_BUCKETS_SCHEMA,
    customBounds: Float64Array.of(0.1, 0.5, 1),
    zeroThreshold: 0,
    zeroCount: 0,
    count: 6,
  };
  const series = [
    {
      labels: Labels.of({ __name__: "mixed" }),
      samples: [
        [1, 1.5],
        [2, NaN],
        [3, histogramOf(4)],
        [4, histogramOf(4, { count: 20, sum: 7 })],
        [5, histogramOf(3, { integer: false, sum: 0.1, zeroCount: 0.5 })],
        [6, histogramOf(3, { resetHint: "gauge" })],
        [7, histogramOf(3, bounds)],
        [8, -0],
      ] as const,
    },
  ];
  const block = blockOf(series);
  expectSeries(seriesOf(block), series);
  expect(block.meta.stats).toEqual({
    numSamples: 8,
    numFloatSamples: 3,
    numHistogramSamples: 5,
    numSeries: 1,
    numChunks: 6,
  });
  block.close();
});

test("a block that is copied series by series is the same, byte for byte", () => {
  const series = Array.from({ length: 200 }, (_, i) => ({
    labels: Labels.of({ __name__: `m${i % 7}`, instance: `é${i}` }),
    samples: Array.from({ length: 30 }, (__, k) => [k * 15_000, Math.sin(i + k)] as const),
  }));
  const block = blockOf(series);
  const ulid = `01COPY${"0".repeat(20)}`;
  const { minTime, maxTime, compaction } = block.meta;
  writeBlock(dir, { ulid, minTime, maxTime, compaction }, new CopySource(block), diskFiles);
  for (const name of ["index", "chunks/000001", "tombstones"]) {
    expect(readFileSync(join(dir, ulid, name)).equals(readFileSync(join(block.dir, name)))).toBe(true);
  }
  block.close();
});

test("writeBlock() leaves no files if there is no sample, or if it fails", () => {
  const before = readdirSync(dir).length;
  const draft = { ulid: `01NONE${"0".repeat(20)}`, minTime: 0, maxTime: 1, compaction: { level: 1 } };
  expect(writeBlock(dir, draft, new ListedSource([{ labels: Labels.of({ a: "b" }), samples: [] }]), diskFiles)).toBe(
    undefined,
  );
  const failing = refusing("syncNow", () => true);
  const source = new ListedSource([{ labels: Labels.of({ a: "b" }), samples: [[0, 1]] }]);
  expect(() => writeBlock(dir, draft, source, failing)).toThrow("ENOSPC");
  expect(readdirSync(dir).length).toBe(before);
});

test("writeBlock() refuses series out of order", () => {
  const make = (value: string): ListedSource =>
    new ListedSource([{ labels: Labels.of({ a: value }), samples: [[0, 1]] }]);
  const sources = [make("b"), make("a")];
  let at = 0;
  const symbols = sources[0]!.symbols;
  const source = {
    symbols,
    next: () => {
      if (at > 0) sources[0] = sources[1]!;
      if (at++ === 2) return false;
      sources[0]!.next();
      const bytes = new TextEncoder().encode(at === 1 ? "b" : "a");
      labelIds[0] = symbols.add(new TextEncoder().encode("a"), 0, 1);
      labelIds[1] = symbols.add(bytes, 0, bytes.length);
      return true;
    },
    labels: new Uint32Array(2),
    labelCount: 1,
    nextChunk: () => sources[0]!.nextChunk(),
    get chunk() {
      return sources[0]!.chunk;
    },
  };
  const labelIds = source.labels;
  const draft = { ulid: `01ORDR${"0".repeat(20)}`, minTime: 0, maxTime: 1, compaction: { level: 1 } };
  expect(() => writeBlock(dir, draft, source, diskFiles)).toThrow("in the order of their labels");
});

test("remove() waits for the last reader and then deletes the folder", async () => {
  const block = blockOf([{ labels: Labels.of({ a: "b" }), samples: [[0, 1]] }]);
  const release = block.retain();
  let isGone = false;
  const removal = block.remove().then(() => (isGone = true));
  await Promise.resolve();
  expect(seriesOf(block).length).toBe(1);
  expect([isGone, existsSync(block.dir)]).toEqual([false, true]);
  release();
  await removal;
  expect(existsSync(block.dir)).toBe(false);
});

test("the next open of a block reads the tombstones of replaceTombstones()", async () => {
  const block = blockOf([{ labels: Labels.of({ a: "b" }), samples: [[0, 1]] }]);
  const ref = block.allPostings()[0]!;
  const tombstones = new Map([
    [
      ref,
      [
        { minTime: -5, maxTime: 7 },
        { minTime: 9, maxTime: 9 },
      ],
    ],
  ]);
  await block.replaceTombstones(tombstones);
  const again = openBlock(block.dir, { files: diskFiles });
  expect([...again.tombstones]).toEqual([...tombstones]);
  expect(again.meta.stats?.numTombstones).toBe(2);
  block.close();
  again.close();
});
