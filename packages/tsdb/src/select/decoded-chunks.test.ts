import { writeStale } from "@narthex/model";
import { seededRandom } from "@narthex/runtime";
import { SampleColumns, SampleSpans } from "@narthex/storage";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Block } from "../block/block.ts";
import { ChunkMemory } from "./chunk-memory.ts";
import { DecodedChunks } from "./decoded-chunks.ts";

const STALE = -1;
const STALE_WORDS = new Uint32Array(2);
writeStale(STALE_WORDS, 0);
const word = fc.oneof({ weight: 9, arbitrary: fc.nat() }, { weight: 1, arbitrary: fc.constant(STALE) });

const HALF_MIB = 512 * 1024;

function columnsOf(times: readonly number[], words: readonly number[]): SampleColumns {
  const columns = new SampleColumns(1);
  for (const [i, time] of times.entries()) {
    const drawn = words[i % words.length]!;
    columns.pushFloat(time, drawn === STALE ? STALE_WORDS : Uint32Array.of(drawn, i), 0);
  }
  return columns;
}

const contents = ({ timestamps, valueWords, count }: SampleColumns): unknown => [
  Array.from(timestamps.subarray(0, count)),
  Array.from(valueWords.subarray(0, count * 2)),
];

/** Checks that the samples can also be read as spans. Skips chunks with a NaN, because spans cannot represent a NaN. */
function expectSameSpans(cache: DecodedChunks, slot: number, min: number, max: number): void {
  const [spans, columns] = [new SampleSpans(), new SampleColumns(1)];
  cache.begin();
  cache.read(slot, min, max, columns);
  const values = [...columns.values.subarray(0, columns.count)];
  if (!cache.addSpans(slot, min, max, spans)) return;
  const decoded: [number, number][] = [];
  for (let span = 0; span < spans.count; span++) {
    const last = spans.before[span + 1]! - spans.before[span]! - 1;
    expect([spans.first[span], spans.last[span]]).toEqual([spans.timeAt(span, 0), spans.timeAt(span, last)]);
    for (let i = 0; i < spans.before[span + 1]! - spans.before[span]!; i++) {
      const value = spans.valueAt(span, i);
      if (i > 0 && value < decoded.at(-1)![1]) expect(spans.falls[span]).toBe(1);
      decoded.push([spans.timeAt(span, i), value]);
    }
  }
  expect(decoded).toEqual(values.map((value, i) => [columns.timestamps[i], value]));
  expect(values.some(Number.isNaN)).toBe(false);
}

/** Returns the expected columns: the earlier content of the columns, then the chunk's samples within the range. */
function expected(chunk: SampleColumns, min: number, max: number): SampleColumns {
  const out = columnsOf([-1], [9]);
  for (let i = 0; i < chunk.count; i++)
    if (chunk.timestamps[i]! >= min && chunk.timestamps[i]! <= max) out.pushFrom(chunk, i);
  return out;
}

const times = fc.oneof(
  fc
    .record({ start: fc.nat(1000), step: fc.integer({ min: 1, max: 50 }), count: fc.integer({ min: 1, max: 2560 }) })
    .map(({ start, step, count }) => Array.from({ length: count }, (_, i) => start + i * step)),
  fc.uniqueArray(fc.nat(3000), { minLength: 1, maxLength: 700 }).map((list) => list.sort((a, b) => a - b)),
);

test("reading reading a cached chunk returns the samples of any range, bit for bit", () => {
  fc.assert(
    fc.property(times, fc.array(word, { minLength: 1 }), fc.nat(4000), fc.nat(4000), (list, words, min, length) => {
      const cache = DecodedChunks.ofOneThread(HALF_MIB);
      const kept = cache.numberOf({} as Block);
      const chunk = columnsOf(list, words);
      const slot = cache.keep(kept, 7, chunk, 0);
      expect([-1, 0, slot, 511, 1e6].map((hint) => cache.find(kept, 7, hint))).toEqual(
        Array.from({ length: 5 }, () => slot),
      );
      const into = columnsOf([-1], [9]);
      expectSameSpans(cache, slot, min, min + length);
      cache.read(slot, min, min + length, into);
      expect(contents(into)).toEqual(contents(expected(chunk, min, min + length)));
    }),
  );
});

const wholeNumbers = fc
  .record({ base: fc.constantFrom(0, -0, 0.5, 1e15, 2 ** 31, -7), more: fc.array(fc.nat(2 ** 31), { minLength: 1 }) })
  .map(({ base, more }) => more.map((number) => base + number));
const someNumbers = fc.oneof(
  wholeNumbers,
  fc.array(fc.oneof(fc.integer(), fc.constantFrom(0, -0, 2.5, Infinity, NaN, 2 ** 40)), { minLength: 1 }),
);

test("a cached chunk returns values at whole distances, and other values, unchanged", () => {
  fc.assert(
    fc.property(times, someNumbers, fc.nat(4000), fc.nat(4000), (list, numbers, min, length) => {
      const cache = DecodedChunks.ofOneThread(HALF_MIB);
      const kept = cache.numberOf({} as Block);
      const chunk = new SampleColumns(1);
      const value = new Float64Array(1);
      for (const [i, time] of list.entries()) {
        value[0] = numbers[i % numbers.length]!;
        chunk.pushFloat(time, new Uint32Array(value.buffer), 0);
      }
      const slot = cache.keep(kept, 7, chunk, 0);
      const into = columnsOf([-1], [9]);
      expectSameSpans(cache, slot, min, min + length);
      cache.read(slot, min, min + length, into);
      expect(contents(into)).toEqual(contents(expected(chunk, min, min + length)));
    }),
  );
});

test("a chunk that would displace nearly all others is not cached", () => {
  const cache = DecodedChunks.ofOneThread(HALF_MIB);
  const kept = cache.numberOf({} as Block);
  const long = (count: number): SampleColumns =>
    columnsOf(
      Array.from({ length: count }, (_, i) => i * i),
      [1],
    );
  expect([cache.keep(kept, 1, long(2560), 0) >= 0, cache.keep(kept, 2, long(10_000), 0)]).toEqual([true, -1]);
});

test("if there are more chunks than fit, random ones are displaced, and the others stay correct", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 1200, maxLength: 1500 }), fc.integer(), (regular, seed) => {
      const cache = DecodedChunks.ofOneThread(HALF_MIB, seededRandom(seed));
      const owners = [{} as Block, {} as Block];
      const blocks = owners.map((block) => cache.numberOf(block));
      for (const [ref, isRegular] of regular.entries()) {
        cache.keep(
          blocks[ref % 2]!,
          ref,
          columnsOf(isRegular ? [ref, ref + 5, ref + 10] : [ref, ref + 1, ref + 10], [ref]),
          0,
        );
      }
      let slots = 0;
      for (const [ref, isRegular] of regular.entries()) {
        const into = new SampleColumns(1);
        const slot = cache.find(blocks[ref % 2]!, ref, ref % 1024);
        if (slot < 0) continue;
        cache.read(slot, 0, 5000, into);
        slots += isRegular ? 1 : 2;
        expect([...into.timestamps.subarray(0, 3)]).toEqual([ref, ref + (isRegular ? 5 : 1), ref + 10]);
        expect(into.valueWords[0]).toBe(ref);
      }
      // The cache uses nearly all of its slots of 328 bytes each. It always leaves a few slots free, because the next
      // chunk may need several.
      const most = ChunkMemory.create(HALF_MIB).byteLength / 328;
      expect(slots).toBeGreaterThan(most * 0.95);
      expect(slots).toBeLessThanOrEqual(most);
      cache.forget(blocks[0]!);
      const left = regular.flatMap((_, ref) => (cache.find(blocks[ref % 2]!, ref, -1) < 0 ? [] : [ref % 2]));
      expect(new Set(left)).toEqual(new Set([1]));
      cache.forget(blocks[1]!);
      expect(regular.some((_, ref) => cache.find(blocks[ref % 2]!, ref, ref) >= 0)).toBe(false);
    }),
    { numRuns: 20 },
  );
});
