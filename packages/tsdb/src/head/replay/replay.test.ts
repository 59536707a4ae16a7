import { ByteWriter, Cursor } from "@narthex/bytes";
import { Labels, wordsOf } from "@narthex/model";
import { histogramOf } from "@narthex/storage/testing";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { readRows } from "../../testing/sample-rows.ts";
import {
  readSamples,
  RECORD_HISTOGRAMS,
  SampleRecord,
  writeExemplars,
  writeMetadata,
  writeSamples,
  writeSamplesV2,
  writeSeries,
  writeTombstones,
} from "../../wal/records.ts";
import { writeHistograms } from "../../wal/histogram-records.ts";
import { Head } from "../head.ts";
import { Replay } from "./replay.ts";

const REFS = 10;
const START = 1_700_000_000_000;

/**
 * A random sample of a log record. The sample belongs to the next series in turn, or to any series. Its time advances,
 * stays or jumps.
 */
interface Sample {
  readonly ref: number;
  readonly step: number;
  readonly bits: bigint;
}

type Item =
  | { readonly kind: "series"; readonly ref: number; readonly labels: number }
  | { readonly kind: "floats"; readonly rounds: number; readonly samples: readonly Sample[] }
  | { readonly kind: "histogram"; readonly ref: number; readonly step: number; readonly buckets: number }
  | { readonly kind: "cut"; readonly size: number };

const ref = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 1, max: REFS }) },
  { weight: 1, arbitrary: fc.constantFrom(REFS + 5, 2 ** 32 - 1, 2 ** 32 + 7) },
);
const step = fc.oneof(
  { weight: 10, arbitrary: fc.constant(15_000) },
  { weight: 6, arbitrary: fc.integer({ min: 14_900, max: 15_100 }) },
  { weight: 2, arbitrary: fc.constantFrom(0, 1, 2_000, 60_000, 200_000, 700_000) },
  { weight: 2, arbitrary: fc.integer({ min: -100_000, max: 8_000_000 }) },
  { weight: 1, arbitrary: fc.constantFrom(2 ** 31 + 3, 2 ** 36, -(2 ** 36), -START) },
);
const bits = fc.oneof(
  fc.constantFrom(0x7ff0000000000002n, 0n, 0x3ff0000000000000n, 0x4059000000000000n, 0xffffffffn, 1n << 63n),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
);
const item: fc.Arbitrary<Item> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("series" as const), ref, labels: fc.nat(REFS) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("floats" as const),
      rounds: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 150 })),
      samples: fc.array(fc.record({ ref, step, bits }), { minLength: 1, maxLength: 8 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("histogram" as const),
      ref,
      step,
      buckets: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("cut" as const), size: fc.integer({ min: 1, max: 60 }) }) },
);

/** Encodes the items as log records. A record of kind "cut" ends in the middle of a sample. */
function recordsOf(items: readonly Item[]): Uint8Array[] {
  const records: Uint8Array[] = [];
  const times = new Map<number, number>();
  const next = (ref: number, step: number): number => {
    const time = (times.get(ref) ?? START + (ref % 7) * 3) + step;
    times.set(ref, time);
    return time;
  };
  const into = new ByteWriter(1024);
  for (const one of items) {
    into.reset();
    if (one.kind === "series") writeSeries(into, one.ref, Labels.of({ n: String(one.labels) }));
    else if (one.kind === "histogram") {
      const histogram = { ...histogramOf(one.buckets), integer: true };
      writeHistograms(into, RECORD_HISTOGRAMS, [{ ref: one.ref, timestamp: next(one.ref, one.step), histogram }]);
    } else if (one.kind === "cut") {
      writeSamples(
        into,
        Float64Array.of(1, 2, 3, 4),
        Float64Array.of(0, 1, 2, 3).map((t) => START + t),
        new Uint32Array(8),
        0,
        4,
      );
      records.push(into.written.slice(0, Math.min(one.size, into.length - 1)));
      continue;
    } else writeFloats(into, one.rounds, one.samples, next);
    records.push(into.written.slice());
  }
  return records;
}

function writeFloats(
  into: ByteWriter,
  rounds: number,
  samples: readonly Sample[],
  next: (ref: number, step: number) => number,
): void {
  const count = rounds * samples.length;
  const refs = new Float64Array(count);
  const times = new Float64Array(count);
  const words = new Uint32Array(count * 2);
  for (let i = 0; i < count; i++) {
    const sample = samples[i % samples.length]!;
    const round = Math.floor(i / samples.length);
    refs[i] = sample.ref;
    times[i] = next(sample.ref, round === 0 ? sample.step : sample.step % 100_000);
    words[i * 2] = Number(sample.bits & 0xffffffffn) + (round % 5) * 4096;
    words[i * 2 + 1] = Number(sample.bits >> 32n) ^ (round % 3);
  }
  writeSamples(into, refs, times, words, 0, count);
}

/** Replays records by appending one sample after the other to the head. */
function replayOneByOne(head: Head, replay: Replay, records: readonly Uint8Array[]): void {
  const samples = new SampleRecord();
  for (const record of records) {
    if (record[0] !== 2) {
      replay.record(record);
      continue;
    }
    try {
      readSamples(new Cursor(record, 1), 2, samples);
    } catch {
      replay.undecodable++;
      continue;
    }
    replay.samples += samples.count;
    for (let i = 0; i < samples.count; i++) {
      const row = replay.rowOf(samples.refs[i]!);
      if (row === 0) {
        replay.unknownReferences++;
        head.memory.series.reserve(samples.refs[i]!);
      } else if (samples.timestamps[i]! >= head.minValidTime) {
        head.insertFloat(row, samples.timestamps[i]!, samples.words[i * 2 + 1]!, samples.words[i * 2]!);
      }
    }
  }
  replay.end();
}

/** Returns all data of the head's series, with the bits of the chunks. */
function contentOf(head: Head): unknown {
  const { series, chunks, slabs } = head.memory;
  const { at } = series;
  const rows = [];
  for (let row = 1; row < series.end; row++) {
    const closed: string[] = [];
    const first = at.firstChunk[row]!;
    for (let id = at.lastChunk[row]!; id !== 0; id = chunks.previous[id]!) {
      const bytes = chunks.withBytes(id, (from, start) => Buffer.from(from.slice(start, start + chunks.size[id]!)));
      closed.push(`${chunks.encoding[id]} ${chunks.minTime[id]} ${chunks.maxTime[id]} ${bytes.toString("hex")}`);
      if (id === first) break;
    }
    const isOpen = at.openBlock[row] !== 0;
    const block = at.openBlock[row]!;
    const open = slabs.view(block, isOpen ? (at.openBits[row]! + 7) >>> 3 : 0);
    rows.push({
      labels: series.labelsOf(row).toString(),
      ref: at.ref[row],
      closed,
      open: Buffer.from(open.slice()).toString("hex"),
      state: isOpen && [at.openCount[row], at.openBits[row], at.openEncoding[row], at.openMinTime[row], at.nextAt[row]],
      encoder: isOpen &&
        at.openEncoding[row] === 1 && [
          at.leading[row],
          at.leading[row] === 255 ? 0 : at.trailing[row],
          at.lastDelta[row],
          at.lastValueWords[row * 2],
          at.lastValueWords[row * 2 + 1],
        ],
      lastTime: at.lastTime[row],
    });
  }
  const { minTime, maxTime, floats } = head;
  return { rows, minTime, maxTime, created: floats.created, count: chunks.count, inMemory: chunks.bytesInMemory };
}

const countsOf = ({ samples, unknownReferences, undecodable }: Replay): unknown => [
  samples,
  unknownReferences,
  undecodable,
];

test("samples collected from many records give the same chunks, bit for bit, as samples appended one by one", () => {
  fc.assert(
    fc.property(
      fc.array(item, { minLength: 1, maxLength: 60 }),
      fc.constantFrom(1, 50, 1000, 100_000),
      fc.constantFrom(-Infinity, START + 400_000),
      fc.boolean(),
      (items, gathered, minValidTime, floatsXor2) => {
        const named = Array.from({ length: REFS - 2 }, (_, i) => ({ kind: "series" as const, ref: i + 1, labels: i }));
        const records = recordsOf([...named, ...items]);
        const [gatheredHead, plainHead] = [new Head(0), new Head(0)];
        for (const head of [gatheredHead, plainHead]) {
          head.minValidTime = minValidTime;
          head.encodings = { withStarts: floatsXor2, floatsXor2 };
        }
        const replay = new Replay(gatheredHead, gathered);
        for (const record of records) replay.record(record);
        replay.end();
        const plain = new Replay(plainHead);
        replayOneByOne(plainHead, plain, records);
        expect(contentOf(gatheredHead)).toEqual(contentOf(plainHead));
        expect(countsOf(replay)).toEqual(countsOf(plain));
      },
    ),
    { numRuns: 400 },
  );
});

test("long series with values of every kind fill and end chunks in the same way", () => {
  const count = 5000;
  const into = new ByteWriter(1024);
  const values = Float64Array.from({ length: count }, (_, i) => [i, 1.5, Math.sin(i), NaN, 2 ** (i % 90)][i % 5]!);
  const times = Float64Array.from({ length: count }, (_, i) => START + Math.floor(i / 5) * 15_000 + ((i * i) % 7));
  const records: Uint8Array[] = [];
  for (let ref = 1; ref <= 5; ref++) {
    into.reset();
    writeSeries(into, ref, Labels.of({ n: String(ref) }));
    records.push(into.written.slice());
  }
  const refs = Float64Array.from({ length: count }, (_, i) => (i % 5) + 1);
  for (let from = 0; from < count; from += 250) {
    writeSamples(into, refs, times, wordsOf(values), from, from + 250);
    records.push(into.written.slice());
  }
  const [gatheredHead, plainHead] = [new Head(0), new Head(0)];
  const replay = new Replay(gatheredHead);
  for (const record of records) replay.record(record);
  replay.end();
  replayOneByOne(plainHead, new Replay(plainHead), records);
  expect(gatheredHead.memory.chunks.count).toBeGreaterThan(30);
  expect(contentOf(gatheredHead)).toEqual(contentOf(plainHead));
});

test("records of each type are applied to the log's series, and samples of unknown series are counted", async () => {
  const head = new Head(5);
  head.minValidTime = 100;
  const replay = new Replay(head);
  const record = (write: (into: ByteWriter) => void): void => {
    const into = new ByteWriter();
    write(into);
    replay.record(into.written);
  };
  const names = new Map([
    [5, "a"],
    [6, "h"],
  ]);
  for (const [number, name] of names) record((into) => writeSeries(into, number, Labels.of({ __name__: name })));
  const refs = Float64Array.of(5, 5, 9);
  const timestamps = Float64Array.of(99, 100, 100);
  const columns = { refs, timestamps, words: new Uint32Array(6), starts: Float64Array.of(0, 50, 0) };
  record((into) => writeSamplesV2(into, columns, 0, 3));
  const samples = [99, 100, 101].map((timestamp) => ({ ref: 6, timestamp, histogram: histogramOf(2) }));
  const invalid = { ref: 6, timestamp: 102, histogram: histogramOf(2, { count: 1 }) };
  record((into) => writeHistograms(into, RECORD_HISTOGRAMS, [...samples, { ...invalid, ref: 9 }]));
  record((into) => writeHistograms(into, RECORD_HISTOGRAMS, [invalid]));
  const exemplar = { labels: Labels.of({ id: "1" }), value: 1, timestamp: 100 };
  const metadata = { type: "gauge", help: "h", unit: "" } as const;
  for (const number of [5, 9]) {
    record((into) => writeExemplars(into, [{ ref: number, exemplar }]));
    record((into) => writeMetadata(into, number, metadata));
    record((into) => writeTombstones(into, [{ ref: number, minTime: 7, maxTime: 8 }]));
  }
  replay.record(Uint8Array.of(99, 1, 2));
  replay.end();
  expect(await readRows(head)).toEqual([
    ["a", 100, 0],
    ["h", 100, 5],
    ["h", 101, 5],
  ]);
  expect(countsOf(replay)).toEqual([8, 2, 0]);
  expect(head.exemplars.entries()).toMatchObject([{ ref: 5, exemplar: { value: 1, timestamp: 100 } }]);
  expect([...head.metadata]).toEqual([[5, metadata]]);
  expect([...head.tombstones.entries()]).toEqual([[5, [{ minTime: 7, maxTime: 8 }]]]);
});
