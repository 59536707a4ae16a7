import { Labels } from "@narthex/model";
import { SampleColumns } from "@narthex/storage";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ChunkEncoder } from "./chunk-encoder.ts";
import { Head } from "../head/head.ts";
import { SAMPLE_WORDS } from "../head/replay/logged-samples.ts";
import { readXor, XorWriter } from "./xor.ts";

/** A second, simple encoder for comparison: encodes samples with BigInt, as a text with one character per bit. */
function writtenOut(samples: readonly (readonly [number, bigint])[]): string {
  const bits = (value: bigint, count: number): string => BigInt.asUintN(count, value).toString(2).padStart(count, "0");
  const varint = (value: bigint): string => {
    let out = "";
    for (; value > 127n; value >>= 7n) out += bits((value & 127n) | 128n, 8);
    return out + bits(value, 8);
  };
  let text = bits(BigInt(samples.length), 16);
  let leading = -1;
  let trailing = 0;
  samples.forEach(([time, value], i) => {
    const t = BigInt(time);
    if (i === 0) {
      text += varint(t >= 0n ? t * 2n : -t * 2n - 1n) + bits(value, 64);
      return;
    }
    const delta = t - BigInt(samples[i - 1]![0]);
    if (i === 1) text += varint(delta);
    else {
      const dod = delta - BigInt(samples[i - 1]![0] - samples[i - 2]![0]);
      const fits = (k: bigint): boolean => dod >= -(2n ** (k - 1n) - 1n) && dod <= 2n ** (k - 1n);
      if (dod === 0n) text += "0";
      else if (fits(14n)) text += `10${bits(dod, 14)}`;
      else if (fits(17n)) text += `110${bits(dod, 17)}`;
      else if (fits(20n)) text += `1110${bits(dod, 20)}`;
      else text += `1111${bits(dod, 64)}`;
    }
    const x = bits(value ^ samples[i - 1]![1], 64);
    if (!x.includes("1")) {
      text += "0";
      return;
    }
    const lead = Math.min(31, x.indexOf("1"));
    const trail = 63 - x.lastIndexOf("1");
    if (leading >= 0 && lead >= leading && trail >= trailing) text += `10${x.slice(leading, 64 - trailing)}`;
    else {
      [leading, trailing] = [lead, trail];
      const size = 64 - lead - trail;
      text += `11${bits(BigInt(lead), 5)}${bits(BigInt(size), 6)}${x.slice(lead, 64 - trail)}`;
    }
  });
  return text;
}

const value = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.constantFrom(0n, 0x7ff0000000000002n, 0x3ff0000000000000n, 0x8000000000000000n, 1n),
  fc.integer({ min: 0, max: 1000 }).map((n) => new BigUint64Array(Float64Array.of(n).buffer)[0]!),
);
const step = fc.oneof(
  fc.constantFrom(1, 15_000, 15_001, 8192, 8193, 65536, 65537, 524288, 524289),
  fc.integer({ min: 1, max: 2 ** 40 }),
);
/** Generates series: times and the bits of values, regular and irregular, similar and different. */
const drawnSeries = fc
  .tuple(
    fc.integer({ min: -(2 ** 41), max: 2 ** 41 }),
    fc.array(fc.tuple(step, value), { minLength: 1, maxLength: 50 }),
  )
  .map(([start, steps]) => {
    let time = start;
    return steps.map(([ms, bits]): [number, bigint] => [(time += ms), bits]);
  });

test("XorWriter writes the bits of the reference encoder, and readXor() returns every sample", () => {
  fc.assert(
    fc.property(drawnSeries, fc.nat(7), (samples, start) => {
      const bytes = new Uint8Array(start + 1024).fill(0x5a);
      const writer = new XorWriter();
      writer.begin(bytes, start);
      for (const [time, bits] of samples) writer.append(time, Number(bits >> 32n) | 0, Number(bits & 0xffffffffn) | 0);
      const text = [...bytes.subarray(start, start + writer.byteLength)]
        .map((b) => b.toString(2).padStart(8, "0"))
        .join("");
      expect(text.slice(0, writer.bits)).toBe(writtenOut(samples));
      for (const count of [samples.length, Math.ceil(samples.length / 2)]) {
        const into = new SampleColumns(1);
        readXor(bytes, start, count, -Infinity, Infinity, into);
        expect([...into.timestamps.subarray(0, into.count)]).toEqual(samples.slice(0, count).map(([t]) => t));
        const read = new BigUint64Array(into.values.buffer, 0, into.count);
        expect([...read]).toEqual(samples.slice(0, count).map(([, bits]) => bits));
      }
    }),
    { numRuns: 500 },
  );
});

test("readXor() returns only samples in the requested range of times", () => {
  const bytes = new Uint8Array(1024);
  const writer = new XorWriter();
  writer.begin(bytes, 0);
  for (let i = 0; i < 100; i++) writer.append(1000 + i * 10, i, i);
  const into = new SampleColumns();
  readXor(bytes, 0, 100, 1255, 1300, into);
  expect([...into.timestamps.subarray(0, into.count)]).toEqual([1260, 1270, 1280, 1290, 1300]);
});

type Samples = readonly (readonly [number, bigint])[];

const high = (bits: bigint): number => Number(bits >> 32n);
const low = (bits: bigint): number => Number(bits & 0xffffffffn);
const textOf = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");

/** Returns the open chunk of a head's only series after `append`. */
function openChunk(append: (head: Head, row: number) => void): string {
  // The chunk range is so long that the head makes only one chunk.
  const head = new Head(0, 2 ** 52);
  const row = head.memory.series.add(Labels.of({ __name__: "m" }));
  append(head, row);
  const { series, slabs } = head.memory;
  const block = series.at.openBlock[row]!;
  const start = (block & 0xffff) * 8;
  const bits = series.at.openBits[row]!;
  return textOf(slabs.bytes[block >>> 16]!.subarray(start, start + ((bits + 7) >>> 3))).slice(0, bits);
}

function committed(samples: Samples): string {
  return openChunk((head, row) => {
    const columns = {
      refs: Uint32Array.from(samples, () => head.memory.series.at.ref[row]!),
      rows: Uint32Array.from(samples, () => row),
      timestamps: Float64Array.from(samples, ([time]) => time),
      words: Uint32Array.from(samples.flatMap(([, bits]) => [low(bits), high(bits)])),
    };
    for (let i = 0; i < samples.length; i++) {
      i = head.floats.appendRun(columns as never, i, samples.length);
      if (i < samples.length)
        head.floats.append(row, samples[i]![0], high(samples[i]![1]) | 0, low(samples[i]![1]) | 0);
    }
  });
}

function replayed(samples: Samples, runs: number): string {
  return openChunk((head, row) => {
    const encoder = head.xorBatchEncoder();
    const size = Math.ceil(samples.length / runs);
    for (let from = 0; from < samples.length; from += size) {
      const run = samples.slice(from, from + size);
      const words = new Int32Array(run.length * SAMPLE_WORDS);
      run.forEach(([time, bits], i) =>
        words.set([(i + 1) % run.length, time - run[0]![0], low(bits) | 0, high(bits) | 0], i * SAMPLE_WORDS),
      );
      encoder.append(row, { words, baseTime: run[0]![0] } as never, run.length - 1);
    }
  });
}

function merged(samples: Samples): string {
  const columns = new SampleColumns();
  const words = Uint32Array.from(samples.flatMap(([, bits]) => [low(bits), high(bits)]));
  samples.forEach(([time], i) => columns.pushFloat(time, words, i));
  const encoder = new ChunkEncoder();
  encoder.encode(columns);
  return textOf(encoder.bytes.subarray(encoder.start[0], encoder.end[0]));
}

test("commits, the replay of the log and the merging of blocks write the same bits as the reference encoder", () => {
  const near = drawnSeries.filter((samples) => {
    const [first, last] = [samples[0]![0], samples.at(-1)![0]];
    // A head always ends a chunk at time 0. To fit into one chunk, the samples must therefore be either all before 0 or
    // all at 0 and later.
    return samples.length < 30 && last - first < 2 ** 31 && first < 0 === last < 0;
  });
  fc.assert(
    fc.property(near, fc.integer({ min: 1, max: 4 }), (samples, runs) => {
      const expected = writtenOut(samples);
      expect(committed(samples)).toBe(expected);
      expect(replayed(samples, runs)).toBe(expected);
      expect(merged(samples).slice(0, expected.length)).toBe(expected);
    }),
  );
});
