import { existsSync } from "node:fs";
import { join } from "node:path";
import { Labels, type Matcher, Matcher as LabelMatcher, type MatchType } from "@narthex/model";
import { temporaryFolder } from "@narthex/runtime/testing";
import { EncodedChunks, type Queryable, SampleColumns, SampleSpans } from "@narthex/storage";
import { histogramOf, MemoryStorage } from "@narthex/storage/testing";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Block } from "../block/block.ts";
import { decodeChunk } from "../block/decode-chunk.ts";
import { openBlock } from "../block/open-block.ts";
import { writeBlock } from "../block/write-block.ts";
import { diskFiles } from "../files.ts";
import { type ListedSample, type ListedSeries, ListedSource } from "../testing/listed-series.ts";
import { mergedQueryable } from "./merge.ts";

const dir = temporaryFolder();

let made = 0;

function blockOf(series: readonly ListedSeries[]): Block | undefined {
  const ulid = `01MERGE${String(made++).padStart(19, "0")}`;
  const times = series.flatMap(({ samples }) => samples.map(([time]) => time));
  const draft = {
    ulid,
    minTime: Math.min(...times),
    maxTime: Math.max(...times) + 1,
    compaction: { level: 1, sources: [ulid] },
  };
  const meta = writeBlock(dir, draft, new ListedSource(series, 3), diskFiles);
  return meta && openBlock(join(dir, ulid), { files: diskFiles });
}

async function memoryOf(series: readonly ListedSeries[]): Promise<MemoryStorage> {
  const memory = new MemoryStorage();
  for (const { labels, samples } of series) {
    await memory.load(
      labels,
      samples.map(([time]) => time),
      samples.map(([, value]) => value as number),
    );
  }
  return memory;
}

/** Returns the result of a selection. Leaves out series without samples in the range. */
async function selected(
  storage: Queryable,
  matchers: readonly Matcher[],
  from: number,
  to: number,
): Promise<unknown[]> {
  const querier = storage.querier(from, to);
  const set = await querier.select(matchers, { start: from, end: to });
  const columns = new SampleColumns(1);
  const spans = new SampleSpans();
  const chunks = new EncodedChunks();
  const found = set.labels.flatMap((labels, i) => {
    const samples = set.readSpans?.(i, from, to, spans) === true ? samplesOf(spans) : undefined;
    const inChunks = set.readChunks?.(i, from, to, chunks) === true ? samplesIn(chunks) : undefined;
    set.readNewest?.(i, from, to, columns);
    const newest = columns.timestamps[columns.count - 1];
    const isKnown = set.readNewest !== undefined && columns.count > 0;
    set.read(i, from, to, columns);
    const { timestamps, values, count } = columns;
    if (isKnown) expect(newest).toBe(timestamps[count - 1]);
    const read = [[...timestamps.subarray(0, count)], [...values.subarray(0, count)]];
    if (samples !== undefined) expect(samples).toEqual(read);
    if (inChunks !== undefined) expect(inChunks).toEqual(read);
    return count === 0 ? [] : [labels.toString(), ...timestamps.subarray(0, count), ...values.subarray(0, count)];
  });
  querier.close();
  return found;
}

function samplesOf(spans: SampleSpans): [times: number[], values: number[]] {
  const [times, values]: [number[], number[]] = [[], []];
  for (let span = 0; span < spans.count; span++) {
    for (let i = 0; i < spans.before[span + 1]! - spans.before[span]!; i++) {
      times.push(spans.timeAt(span, i));
      values.push(spans.valueAt(span, i));
    }
    expect(times.at(-1)).toBe(spans.last[span]);
  }
  return [times, values];
}

function samplesIn(chunks: EncodedChunks): [times: number[], values: number[]] {
  const columns = new SampleColumns();
  const { bytes, start, end, encoding, count } = chunks;
  for (let i = 0; i < count; i++) {
    const before = columns.count;
    const chunk = { bytes: bytes.slice(start[i], end[i]), start: 0, end: end[i]! - start[i]!, encoding: encoding[i]! };
    decodeChunk(chunk, -Infinity, Infinity, columns);
    expect(columns.timestamps[before]).toBe(chunks.minTime[i]);
    expect(columns.timestamps[columns.count - 1]).toBe(chunks.maxTime[i]);
  }
  return [[...columns.timestamps.subarray(0, columns.count)], [...columns.values.subarray(0, columns.count)]];
}

const NAMES = ["__name__", "job", "zone"];
const VALUES = ["up", "a", "b", "ab", "ü"];
const labels = fc
  .array(fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom(...VALUES)), { minLength: 1, maxLength: 4 })
  .map((pairs) => Labels.of(pairs));
const matcher = fc
  .tuple(
    fc.constantFrom<MatchType>("=", "!=", "=~", "!~"),
    fc.constantFrom(...NAMES, "nobody"),
    fc.constantFrom("", "up", "a", "ab", "a|b", "a.*", ".*", ".+", "|ü", "(?:up|ab)", "[ab]+", "nothing"),
  )
  .map(([type, name, value]) => new LabelMatcher(type, name, value));
const times = fc.uniqueArray(fc.nat(100), { maxLength: 25 });
/** Generates the set of storages that contain a sample, as bits: three blocks and the head. */
const holder = fc.integer({ min: 1, max: 15 });
const stored = fc.uniqueArray(
  fc.record({ labels, times, holders: fc.array(holder, { minLength: 25, maxLength: 25 }) }),
  {
    selector: (one) => one.labels.key,
    maxLength: 15,
  },
);

/** Returns the samples of each series that one storage contains. A sample has the same value in all storages. */
function shareOf(all: readonly { labels: Labels; times: number[]; holders: number[] }[], bit: number): ListedSeries[] {
  return all.flatMap((one) => {
    const samples = one.times
      .flatMap((time, i): ListedSample[] => ((one.holders[i]! & bit) === 0 ? [] : [[time, time * 3 + 1]]))
      .sort(([a], [b]) => a - b);
    return samples.length === 0 ? [] : [{ labels: one.labels, samples }];
  });
}

test("head and blocks with any overlaps give the same result as one storage with each sample once", async () => {
  const asked = fc.record({ matchers: fc.array(matcher, { maxLength: 3 }), from: fc.nat(100), length: fc.nat(100) });
  await fc.assert(
    fc.asyncProperty(stored, fc.array(asked, { minLength: 1, maxLength: 6 }), async (all, selections) => {
      const plain = await memoryOf(shareOf(all, 15));
      const blocks = [1, 2, 4].map((bit) => blockOf(shareOf(all, bit))).filter((block) => block !== undefined);
      const merged = mergedQueryable(await memoryOf(shareOf(all, 8)), () => blocks);
      for (const { matchers, from, length } of selections) {
        const to = from + length;
        expect(await selected(merged, matchers, from, to)).toEqual(await selected(plain, matchers, from, to));
        const whole = [merged, plain].map((storage) => storage.querier(-1e6, 1e6));
        const [names, expectedNames] = await Promise.all(whole.map((querier) => querier.labelNames(matchers)));
        expect(names).toEqual(expectedNames);
        const [listed] = whole;
        if (matchers.length === 0) expect(listed!.maxListed!([])).toBeGreaterThanOrEqual(names!.length);
        for (const name of NAMES) {
          const [values, expected] = await Promise.all(whole.map((querier) => querier.labelValues(name, matchers)));
          expect(values).toEqual(expected);
          expect(listed!.maxListed!(matchers, name)).toBeGreaterThanOrEqual(values!.length);
          const limited = await whole[0]!.labelValues(name, matchers, { limit: 2 });
          expect(limited).toEqual(expected!.slice(0, 2));
        }
        const few = await whole[0]!.select(matchers, { start: -1e6, end: 1e6, limit: 2 });
        const many = await whole[1]!.select(matchers, { start: -1e6, end: 1e6 });
        expect(few.labels.map(String)).toEqual(many.labels.slice(0, 2).map(String));
        expect(listed!.maxListed!(matchers)).toBeGreaterThanOrEqual(many.labels.length);
        for (const querier of whole) querier.close();
      }
      for (const block of blocks) await block.remove();
    }),
    { numRuns: 40 },
  );
});

test("deleted samples are left out, and chunks that are deleted completely are not read", async () => {
  const one = {
    labels: Labels.of({ a: "1" }),
    samples: [0, 1, 2, 3, 4, 5, 6].map((time): ListedSample => [time, time]),
  };
  const other = { labels: Labels.of({ a: "2" }), samples: [[3, 7] as const] };
  const block = blockOf([one, other])!;
  const [first, second] = block.allPostings();
  await block.replaceTombstones(
    new Map([
      [
        first!,
        [
          { minTime: 0, maxTime: 3 },
          { minTime: 5, maxTime: 5 },
        ],
      ],
      [second!, [{ minTime: 0, maxTime: 9 }]],
    ]),
  );
  const merged = mergedQueryable(new MemoryStorage(), () => [block]);
  expect(await selected(merged, [], -10, 10)).toEqual(['{a="1"}', 4, 6, 4, 6]);
  block.close();
});

test("histograms of two blocks are in order, and the first one of the second block has an unknown reset", async () => {
  const make = (from: number): ListedSeries => ({
    labels: Labels.of({ a: "1" }),
    samples: [0, 1, 2].map((k): ListedSample => [from + k, histogramOf(2, { count: 10 + from + k })]),
  });
  const blocks = [blockOf([make(10)])!, blockOf([make(0)])!];
  const querier = mergedQueryable(new MemoryStorage(), () => blocks).querier(0, 100);
  const set = await querier.select([], { start: 0, end: 100 });
  const columns = new SampleColumns(1);
  set.read(0, 1, 11, columns);
  expect([...columns.timestamps.subarray(0, columns.count)]).toEqual([1, 2, 10, 11]);
  expect(columns.histograms!.map((histogram) => histogram!.resetHint)).toEqual([
    "not-reset",
    "not-reset",
    "unknown",
    "not-reset",
  ]);
  querier.close();
  for (const block of blocks) block.close();
});

test("maxSeries() returns the head's number if no block in the range must be read, and otherwise Infinity", async () => {
  const block = blockOf([{ labels: Labels.of({ a: "1" }), samples: [[1, 1] as const, [9, 2] as const] }])!;
  const head = await memoryOf([{ labels: Labels.of({ a: "2" }), samples: [[20, 1] as const] }]);
  const querier = mergedQueryable(head, () => [block]).querier(0, 30);
  expect(querier.maxSeries!([], { start: 15, end: 30 })).toBe(1);
  expect(querier.maxSeries!([], { start: 9, end: 30 })).toBe(Infinity);
  expect(mergedQueryable(head, () => [block]).querier(15, 30).maxSeries!([], { start: 0, end: 30 })).toBe(1);
  querier.close();
  block.close();
});

test("maxListed() counts without matchers the names or values, and with matchers the series of the shortest list", async () => {
  const series = ["1", "2", "3"].map((a) => ({ labels: Labels.of({ a, b: "x" }), samples: [[1, 1] as const] }));
  const blocks = [blockOf(series)!, blockOf(series.slice(1))!];
  const querier = mergedQueryable(new MemoryStorage(), () => blocks).querier(0, 30);
  const one = new LabelMatcher("=~", "a", "1|2");
  const all = new LabelMatcher("=", "b", "x");
  expect(querier.maxListed!([])).toBe(4);
  expect(querier.maxListed!([], "a")).toBe(5);
  expect(querier.maxListed!([], "none")).toBe(0);
  expect(querier.maxListed!([all, one], "b")).toBe(3);
  expect(querier.maxListed!([all])).toBe(5);
  expect(querier.maxListed!([new LabelMatcher("=~", "a", ".+")])).toBe(Infinity);
  querier.close();
  for (const block of blocks) block.close();
});

test("a selection stays readable while its blocks are replaced, and the old blocks are removed when it is closed", async () => {
  const series = [{ labels: Labels.of({ a: "1" }), samples: [[1, 1] as const, [2, 2] as const] }];
  const old = blockOf(series)!;
  let blocks = [old];
  const storage = mergedQueryable(new MemoryStorage(), () => blocks);
  const querier = storage.querier(0, 10);
  const set = await querier.select([], { start: 0, end: 10 });
  blocks = [blockOf(series)!];
  const removal = old.remove();
  const columns = new SampleColumns(1);
  set.read(0, 0, 10, columns);
  expect(columns.count).toBe(2);
  expect(await selected(storage, [], 0, 10)).toEqual(['{a="1"}', 1, 2, 1, 2]);
  expect(existsSync(old.dir)).toBe(true);
  querier.close();
  await removal;
  expect(existsSync(old.dir)).toBe(false);
  blocks[0]!.close();
});

test("if a block is added between querier() and select(), samples that have left the head since are read from it", async () => {
  const series = [{ labels: Labels.of({ a: "1" }), samples: [[1, 1] as const] }];
  const blocks: Block[] = [];
  let head: Queryable = await memoryOf(series);
  const storage = mergedQueryable(
    { querier: (from, to) => ({ ...lazy(() => head.querier(from, to)), close() {} }) },
    () => blocks,
  );
  const querier = storage.querier(0, 10);
  blocks.push(blockOf(series)!);
  head = new MemoryStorage();
  const set = await querier.select([], { start: 0, end: 10 });
  expect(set.labels.map(String)).toEqual(['{a="1"}']);
  querier.close();
  blocks[0]!.close();
});

/** Returns a querier that is created only when one of its methods is called, like the querier of the head. */
const lazy = (querier: () => ReturnType<Queryable["querier"]>): Omit<ReturnType<Queryable["querier"]>, "close"> => ({
  select: (...asked) => querier().select(...asked),
  labelNames: (...asked) => querier().labelNames(...asked),
  labelValues: (...asked) => querier().labelValues(...asked),
});

test("a cancelled selection throws the signal's reason", async () => {
  const block = blockOf([{ labels: Labels.of({ a: "1" }), samples: [[1, 1]] }])!;
  const querier = mergedQueryable(new MemoryStorage(), () => [block]).querier(0, 10);
  const signal = AbortSignal.abort(new Error("enough"));
  await expect(querier.select([], { start: 0, end: 10, signal })).rejects.toThrow("enough");
  querier.close();
  block.close();
});
