import { join } from "node:path";
import { ByteMap } from "@narthex/bytes";
import { SampleColumns } from "@narthex/storage";
import { histogramOf } from "@narthex/storage/testing";
import * as fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { runToEnd } from "@narthex/runtime";
import { temporaryFolder } from "@narthex/runtime/testing";
import type { BlockSeriesSource } from "../block/block-source.ts";
import type { Block } from "../block/block.ts";
import { decodeChunk } from "../block/decode-chunk.ts";
import { openBlock } from "../block/open-block.ts";
import { newUlid } from "../block/ulid.ts";
import { writeBlock } from "../block/write-block.ts";
import { diskFiles } from "../files.ts";
import { ChunkEncoder } from "../chunk/chunk-encoder.ts";
import { headDraft } from "./draft.ts";
import { MergedBlocks } from "./merge.ts";

const open: Block[] = [];

afterEach(() => {
  for (const block of open.splice(0)) block.close();
});

type Sample = readonly [time: number, value: number];
/** Content of a test block: samples by the name of their series. */
type Content = Readonly<Record<string, readonly Sample[]>>;

/** Returns the samples as columns. A sample with a negative `value` becomes a histogram with `-value` observations. */
function columnsOf(samples: readonly Sample[]): SampleColumns {
  const columns = new SampleColumns();
  for (const [time, value] of samples) {
    if (value < 0) columns.pushHistogram(time, histogramOf(-value));
    else {
      const words = new Uint32Array(Float64Array.of(value).buffer);
      columns.pushFloat(time, words, 0);
    }
  }
  return columns;
}

/** Creates a block source whose chunks contain the given samples. */
function sourceOf(content: Content): BlockSeriesSource {
  const symbols = new ByteMap();
  const add = (text: string): number => symbols.add(Buffer.from(text), 0, Buffer.byteLength(text));
  const name = add("__name__");
  const names = Object.keys(content).sort();
  const encoder = new ChunkEncoder();
  let at = -1;
  let chunk = -1;
  return {
    symbols,
    labels: new Uint32Array([name, 0]),
    labelCount: 1,
    chunk: { minTime: 0, maxTime: 0, encoding: 0, bytes: encoder.bytes, start: 0, end: 0 },
    next() {
      if (++at >= names.length) return false;
      this.labels[1] = add(names[at]!);
      encoder.reset();
      encoder.encode(columnsOf(content[names[at]!]!));
      chunk = -1;
      return true;
    },
    nextChunk() {
      if (++chunk >= encoder.count) return false;
      const { bytes, minTime, maxTime, encoding, start, end } = encoder;
      Object.assign(this.chunk, {
        bytes,
        minTime: minTime[chunk],
        maxTime: maxTime[chunk],
        encoding: encoding[chunk],
        start: start[chunk],
        end: end[chunk],
      });
      return true;
    },
  };
}

let names = 0;

function blockOf(content: Content): Block {
  const dir = temporaryFolder();
  const draft = headDraft(
    newUlid(++names, () => 0),
    0,
    1e9,
  );
  writeBlock(dir, draft, sourceOf(content), diskFiles);
  const block = openBlock(join(dir, draft.ulid), { files: diskFiles });
  open.push(block);
  return block;
}

interface Merged {
  readonly content: Record<string, Sample[]>;
  /** Number of chunks by series. */
  readonly chunks: Record<string, number>;
}

function merge(blocks: readonly Block[]): Merged {
  const source = runToEnd(MergedBlocks.open(blocks));
  const merged: Merged = { content: {}, chunks: {} };
  const order: string[] = [];
  while (source.next()) {
    const name = Buffer.from(source.symbols.key(source.labels[1]!)).toString();
    const columns = new SampleColumns();
    let chunks = 0;
    let end = -Infinity;
    while (source.nextChunk()) {
      chunks++;
      expect(source.chunk.minTime).toBeGreaterThan(end);
      end = source.chunk.maxTime;
      decodeChunk(source.chunk, -Infinity, Infinity, columns);
      expect(columns.timestamps[columns.count - 1]).toBe(end);
    }
    order.push(name);
    merged.content[name] = Array.from({ length: columns.count }, (_, i): Sample => {
      const histogram = columns.histograms?.[i];
      return [columns.timestamps[i]!, histogram === undefined ? columns.values[i]! : -histogram.count];
    });
    merged.chunks[name] = chunks;
  }
  expect(order).toEqual([...order].sort());
  return merged;
}

const counts = (from: number, to: number, value = 1): Sample[] =>
  Array.from({ length: to - from }, (_, i): Sample => [from + i, value]);

test("the series of several blocks are merged and sorted; chunks that do not overlap stay unchanged", () => {
  const first = blockOf({ a: counts(0, 150), c: counts(0, 10) });
  const second = blockOf({ a: counts(200, 260), b: counts(0, 10), é: counts(0, 5) });
  const { content, chunks } = merge([first, second]);
  expect(content).toEqual({
    a: [...counts(0, 150), ...counts(200, 260)],
    b: counts(0, 10),
    c: counts(0, 10),
    é: counts(0, 5),
  });
  expect(chunks["a"]).toBe(3);
});

test("a chunk that several blocks have is written once; overlapping chunks are merged, and samples of the first block win", () => {
  const same = blockOf({ a: counts(0, 100), b: counts(0, 100) });
  const other = blockOf({ a: counts(0, 100), b: counts(50, 200, 2) });
  const { content, chunks } = merge([same, other]);
  expect(content["a"]).toEqual(counts(0, 100));
  expect(chunks["a"]).toBe(1);
  expect(content["b"]).toEqual([...counts(0, 100), ...counts(100, 200, 2)]);
  expect(chunks["b"]).toBe(3);
});

test("histograms and floats of overlapping chunks stay in the order of time", () => {
  const first = blockOf({
    a: [
      [0, -3],
      [2, -3],
      [4, 5],
      [6, -2],
    ],
  });
  const second = blockOf({
    a: [
      [1, -3],
      [3, 7],
      [5, -4],
    ],
  });
  expect(merge([first, second]).content["a"]?.map(([time]) => time)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(merge([first, second]).content["a"]?.filter(([, value]) => value >= 0)).toEqual([
    [3, 7],
    [4, 5],
  ]);
});

test("a merged block contains no deleted samples, and no chunk for a series without samples", async () => {
  const block = blockOf({ a: counts(0, 300), b: counts(0, 10) });
  const [a, b] = block.allPostings();
  await block.replaceTombstones(
    new Map([
      [
        a!,
        [
          { minTime: 10, maxTime: 19 },
          { minTime: 120, maxTime: 239 },
        ],
      ],
      [b!, [{ minTime: -5, maxTime: 50 }]],
    ]),
  );
  const { content, chunks } = merge([block]);
  expect(content["a"]).toEqual([...counts(0, 10), ...counts(20, 120), ...counts(240, 300)]);
  expect(chunks["b"]).toBe(0);
});

const anyContent = fc.dictionary(
  fc.constantFrom("a", "b", "c", "longer", "é"),
  fc.uniqueArray(fc.tuple(fc.nat(400), fc.integer({ min: -6, max: 6 })), { selector: ([time]) => time, minLength: 1 }),
);

test("a merged block has the samples of all blocks without deleted ones; for equal times it has those of the earlier block", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(anyContent, fc.nat(400), fc.nat(80)), { minLength: 1, maxLength: 4 }),
      async (drawn) => {
        const expected = new Map<string, Map<number, number>>();
        const blocks: Block[] = [];
        for (const [random, from, length] of drawn) {
          const content = Object.fromEntries(
            Object.entries(random).map(([name, samples]) => [name, samples.toSorted(([x], [y]) => x - y)]),
          );
          if (Object.keys(content).length === 0) continue;
          const block = blockOf(content);
          blocks.push(block);
          const interval = { minTime: from, maxTime: from + length };
          await block.replaceTombstones(new Map([...block.allPostings()].map((ref) => [ref, [interval]])));
          for (const [name, samples] of Object.entries(content)) {
            const series = expected.get(name) ?? new Map<number, number>();
            expected.set(name, series);
            for (const [time, value] of samples) {
              if ((time < from || time > from + length) && !series.has(time)) series.set(time, value);
            }
          }
        }
        const { content } = merge(blocks);
        for (const [name, samples] of expected) {
          const found = (content[name] ?? []).map(([time, value]) => [time, value < 0 ? -1 : value]);
          const wanted = [...samples].sort(([x], [y]) => x - y);
          expect(found).toEqual(wanted.map(([time, value]) => [time, value < 0 ? -1 : value]));
        }
        for (const block of open.splice(0)) block.close();
      },
    ),
    { numRuns: 25 },
  );
});
