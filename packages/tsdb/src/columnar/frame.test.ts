import { wordsOf } from "@narthex/model";
import { SampleColumns } from "@narthex/storage";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Frame, MAX_CHUNK_SAMPLES } from "./frame.ts";
import { FrameGroup } from "./frame-group.ts";

/** A double as two 32-bit words, low word first. */
type Words = readonly [low: number, high: number];

const STALE: Words = [2, 0x7ff00000];

function wordsFrom(value: number): Words {
  const [low, high] = wordsOf(Float64Array.of(value));
  return [low!, high!];
}

const word = fc.integer({ min: 0, max: 0xffffffff });
const anyBits: fc.Arbitrary<Words> = fc.oneof(
  fc.tuple(word, word),
  fc.tuple(word, fc.constantFrom(0x7ff00000, 0xfff00000, 0x7ff80000)),
  fc
    .constantFrom(
      -0,
      0,
      Infinity,
      -Infinity,
      Number.MIN_VALUE,
      -Number.MIN_VALUE,
      Number.MAX_VALUE,
      2 ** 51,
      -(2 ** 53),
    )
    .map(wordsFrom),
  fc.double({ noNaN: true }).map(wordsFrom),
);

const length = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 600 }));

const columnOf = (value: fc.Arbitrary<Words>): fc.Arbitrary<Words[]> =>
  length.chain((count) => fc.array(value, { minLength: count, maxLength: count }));

/** Generates columns of numbers that change in multiples of one step, as counters and gauges do. */
const steps = (size: number, power: number): fc.Arbitrary<Words[]> =>
  fc.tuple(fc.integer({ min: -(2 ** 40), max: 2 ** 40 }), length, fc.integer()).map(([first, count, seed]) => {
    let [value, state] = [first, seed];
    return Array.from({ length: count }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
      value += Math.floor((state / 2 ** 31) * size);
      return wordsFrom(value / 10 ** power);
    });
  });

/** Replaces some values of a generated column by special values. */
const disturbed = (column: fc.Arbitrary<Words[]>): fc.Arbitrary<Words[]> =>
  fc
    .tuple(column, fc.array(fc.tuple(fc.nat(), fc.oneof(fc.constant(STALE), anyBits)), { maxLength: 4 }))
    .map(([words, others]) => {
      const mixed = [...words];
      for (const [at, other] of others) mixed[at % mixed.length] = other;
      return mixed;
    });

const values = fc.oneof(
  anyBits.map((words): Words[] => Array.from({ length: 50 }, () => words)),
  columnOf(anyBits),
  columnOf(fc.double({ min: 0, max: 1, noNaN: true }).map(wordsFrom)),
  columnOf(fc.constantFrom<Words>(wordsFrom(0), wordsFrom(1), wordsFrom(0.1), STALE)),
  ...[0, 1, 5, 300, 1e5, 1e9, 2 ** 48].flatMap((size) => [0, 1, 3, 9].map((power) => disturbed(steps(size, power)))),
);

/** Generates ascending times: at regular distances, with jitter, or at random distances. */
const times = (count: number): fc.Arbitrary<number[]> =>
  fc
    .tuple(
      fc.oneof(fc.constant(0), fc.integer({ min: -(2 ** 52), max: 2 ** 52 }), fc.integer({ min: 0, max: 2e12 })),
      fc.constantFrom<readonly [number, number]>([15_000, 0], [15_000, 5], [1, 0], [1, 1e9], [1000, 2 ** 38]),
      fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
    )
    .map(([first, [step, jitter], stream]) => {
      let time = first;
      return Array.from({ length: count }, () => {
        const at = time;
        time += step + Math.floor((stream.next().value as number) * jitter);
        return at;
      });
    });

interface Column {
  readonly words: readonly Words[];
  readonly times: readonly number[];
}

const column: fc.Arbitrary<Column> = values.chain((words) =>
  times(words.length).map((list) => ({ words, times: list })),
);

function columnsOf({ words, times: list }: Column): SampleColumns {
  const columns = new SampleColumns(1);
  for (const [i, [low, high]] of words.entries()) columns.pushFloat(list[i]!, Uint32Array.of(low, high), 0);
  return columns;
}

const shown = (columns: SampleColumns): unknown[] =>
  Array.from({ length: columns.count }, (_, i) => [
    columns.timestamps[i],
    columns.valueWords[2 * i],
    columns.valueWords[2 * i + 1],
  ]);

const expected = ({ words, times: list }: Column, from: number, to: number): unknown[] =>
  words.flatMap(([low, high], i) => (list[i]! >= from && list[i]! <= to ? [[list[i], low, high]] : []));

/** Returns, for each chunk of the group, its frame and the number of the chunk in the frame. */
function framesOf(group: FrameGroup): { frame: Frame; chunk: number }[] {
  const places: { frame: Frame; chunk: number }[] = [];
  for (const { bytes, chunks } of group.frames()) {
    const frame = new Frame(bytes.slice());
    for (const [i, chunk] of chunks.entries()) places[chunk] = { frame, chunk: i };
  }
  return places;
}

test("every value is read back bit for bit and every time exactly, for a whole chunk and for any part of its time range", () => {
  fc.assert(
    fc.property(fc.array(column, { minLength: 1, maxLength: 6 }), fc.nat(), fc.nat(), (columns, a, b) => {
      const group = new FrameGroup();
      for (const one of columns) {
        const samples = columnsOf(one);
        group.addFloats(samples, 0, samples.count);
      }
      for (const [i, { frame, chunk }] of framesOf(group).entries()) {
        const one = columns[i]!;
        const count = one.times.length;
        const ranges = [
          [-Infinity, Infinity],
          [one.times[a % count]!, one.times[b % count]!],
          [one.times[a % count]! + 1, Infinity],
        ] as const;
        expect(frame.sampleCount(chunk)).toBe(count);
        for (const [from, to] of ranges) {
          const into = columnsOf({ words: [STALE], times: [-Infinity] });
          frame.read(chunk, from, to, into);
          const found = shown(into);
          expect(found.slice(1).join()).toBe(expected(one, from, to).join());
          expect(found[0]).toEqual([-Infinity, ...STALE]);
        }
      }
    }),
    { numRuns: 150 },
  );
});

test("slices of columns become chunks, and chunks in Prometheus' encoding between them stay unchanged", () => {
  const samples = columnsOf({
    words: Array.from({ length: 3000 }, (_, i) => wordsFrom(i / 10)),
    times: Array.from({ length: 3000 }, (_, i) => i * 15_000),
  });
  const group = new FrameGroup();
  group.addFloats(samples, 0, MAX_CHUNK_SAMPLES);
  group.addEncoded(Uint8Array.of(9, 1, 2, 3, 9), 1, 4, 2, 40 * 3_600_000);
  group.addFloats(samples, MAX_CHUNK_SAMPLES, 3000);
  const [first, encoded, second] = framesOf(group);
  const into = new SampleColumns(1);
  first!.frame.read(first!.chunk, -Infinity, Infinity, into);
  second!.frame.read(second!.chunk, -Infinity, Infinity, into);
  expect(shown(into)).toEqual(shown(samples));
  const { frame, chunk } = encoded!;
  expect(frame.encodingOf(chunk)).toBe(2);
  expect([...frame.bytes.subarray(frame.startOf(chunk) + 1, frame.endOf(chunk))]).toEqual([1, 2, 3]);
  // Expects another frame for a chunk that begins a day later.
  expect(first!.frame).not.toBe(frame);
});

test("the size of a group includes its columns of times", () => {
  const count = MAX_CHUNK_SAMPLES;
  const samples = new SampleColumns(count);
  const group = new FrameGroup();
  let state = 1;
  for (; !group.isFull && group.count < 2000;) {
    samples.count = 0;
    samples.reserve(count);
    for (let i = 0, time = 0; i < count; i++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      time += 1 + state;
      samples.timestamps[i] = time;
    }
    samples.count = count;
    group.addFloats(samples, 0, count);
  }
  expect(group.isFull).toBe(true);
});

test("the last frame contains the last chunk", () => {
  const DAY = 24 * 3_600_000;
  const group = new FrameGroup();
  const chunkAt = (time: number) => group.addFloats(columnsOf({ words: [wordsFrom(1)], times: [time] }), 0, 1);
  for (const time of [0, DAY, 2 * DAY, DAY]) chunkAt(time);
  expect([...group.frames()].map(({ chunks }) => chunks)).toEqual([[0], [2], [1, 3]]);
});

test("series of one target share a column of times", () => {
  const list = Array.from({ length: 1000 }, (_, i) => i * 15_000 + ((i * 7919) % 13));
  const sizeOf = (series: number): number => {
    const group = new FrameGroup();
    for (let k = 0; k < series; k++) {
      group.addFloats(columnsOf({ words: list.map((_, i) => wordsFrom(k + (i % 2))), times: list }), 0, list.length);
    }
    return [...group.frames()].reduce((sum, { bytes }) => sum + bytes.length, 0);
  };
  expect(sizeOf(11) - sizeOf(1)).toBeLessThan(10 * 1100);
});

test("reading invalid frames, or frames with changed bytes, returns samples or throws a RangeError, no other error", () => {
  const group = new FrameGroup();
  const samples = columnsOf({
    words: Array.from({ length: 90 }, (_, i) => (i % 30 === 7 ? STALE : wordsFrom(i * i * 0.25))),
    times: Array.from({ length: 90 }, (_, i) => i * 15_000 + (i % 3)),
  });
  group.addFloats(samples, 0, 90);
  group.addFloats(samples, 10, 70);
  const whole = Array.from(group.frames(), ({ bytes }) => bytes.slice())[0]!;
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), (at, byte, cut) => {
      const changed = whole.slice(0, cut % 3 === 0 ? cut : undefined);
      if (at < changed.length) changed[at] = byte;
      try {
        const frame = new Frame(changed);
        for (let chunk = 0; chunk < Math.min(frame.chunkCount, 2); chunk++) {
          frame.read(chunk, -Infinity, Infinity, new SampleColumns(1));
        }
      } catch (cause) {
        expect(cause).toBeInstanceOf(RangeError);
      }
    }),
    { numRuns: 2000 },
  );
});
