import { ByteWriter, Cursor, DecodeError } from "@narthex/bytes";
import { CUSTOM_BUCKETS_SCHEMA, type FloatHistogram, Labels, wordsOf } from "@narthex/model";
import { histogramOf } from "@narthex/storage/testing";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type HistogramSample,
  histogramRecordType,
  histogramRecordTypeV2,
  isHistogramRecord,
  readHistogramRecord,
  writeHistograms,
} from "./histogram-records.ts";
import {
  type ChunkMarker,
  readExemplars,
  readMarkers,
  readMetadata,
  readSamples,
  readSeries,
  readTombstones,
  SampleRecord,
  type SeriesExemplar,
  type Tombstone,
  writeExemplars,
  writeMarkers,
  writeMetadata,
  writeSamples,
  writeSamplesV2,
  writeSeries,
  writeTombstones,
} from "./records.ts";

const written = (write: (into: ByteWriter) => void): Uint8Array => {
  const into = new ByteWriter();
  write(into);
  return into.bytes.slice(0, into.length);
};

/** Returns a cursor on the body of a record, after its type. */
const bodyOf = (bytes: Uint8Array): Cursor => new Cursor(bytes, 1, bytes.length);

function collected<T>(read: (visit: (entry: T) => void) => void): T[] {
  const entries: T[] = [];
  read((entry) => entries.push(entry));
  return entries;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const i64 = (value: number): string => BigInt.asUintN(64, BigInt(value)).toString(16).padStart(16, "0");
const f64 = (value: number): string => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes.toString("hex");
};

/** Encodes a zigzag varint as hex, with arithmetic on big integers. */
const varint = (value: number): string => uvarint(BigInt(value) < 0n ? -2n * BigInt(value) - 1n : 2n * BigInt(value));
function uvarint(value: bigint): string {
  const byte = Number(value & 127n);
  if (value < 128n) return byte.toString(16).padStart(2, "0");
  return (byte | 128).toString(16) + uvarint(value >> 7n);
}

const ref = fc.oneof(fc.nat(300), fc.nat(20_000), fc.integer({ min: 0, max: 2 ** 40 }));
const time = fc.oneof(fc.integer({ min: -9000, max: 9000 }), fc.integer({ min: -(2 ** 45), max: 2 ** 45 }));
const start = fc.oneof(fc.constant(0), fc.constant(5000), time);
const value = fc.double({ noNaN: true });
const sample = fc.record({ ref, time, start, value });
type Sample = { ref: number; time: number; start: number; value: number };

const columnsOf = (samples: readonly Sample[]) => {
  const values = Float64Array.from(samples, (one) => one.value);
  return {
    refs: Float64Array.from(samples, (one) => one.ref),
    timestamps: Float64Array.from(samples, (one) => one.time),
    starts: Float64Array.from(samples, (one) => one.start),
    words: wordsOf(values),
  };
};

const readBack = (bytes: Uint8Array): Sample[] => {
  const into = new SampleRecord();
  into.count = 7;
  readSamples(bodyOf(bytes), bytes[0]!, into);
  return Array.from({ length: into.count }, (_, i) => ({
    ref: into.refs[i]!,
    time: into.timestamps[i]!,
    start: into.startOf(i),
    value: into.values[i]!,
  }));
};

const many = fc.array(sample, { minLength: 1, maxLength: 2500, size: "max" });

test("a record of samples has Prometheus' bytes, and the samples are read back", () => {
  fc.assert(
    fc.property(many, fc.nat(3), (samples, from) => {
      const { refs, timestamps, words } = columnsOf(samples);
      const part = samples.slice(from);
      if (part.length === 0) return;
      const bytes = written((into) => writeSamples(into, refs, timestamps, words, from, samples.length));
      const [first] = part as [Sample];
      const body = part.map((one) => varint(one.ref - first.ref) + varint(one.time - first.time) + f64(one.value));
      expect(hex(bytes) === `02${i64(first.ref)}${i64(first.time)}${body.join("")}`).toBe(true);
      expect(readBack(bytes)).toEqual(part.map((one) => ({ ...one, start: 0 })));
    }),
    { numRuns: 30 },
  );
});

test("a record of samples with start times has Prometheus' bytes, and the samples are read back", () => {
  fc.assert(
    fc.property(many, (samples) => {
      const bytes = written((into) => writeSamplesV2(into, columnsOf(samples), 0, samples.length));
      const [first] = samples as [Sample];
      let text = "0b";
      for (const [i, one] of samples.entries()) {
        const before = samples[i - 1];
        if (before === undefined) text += varint(one.ref) + varint(one.time) + varint(one.start);
        else {
          text += varint(one.ref - before.ref) + varint(one.time - first.time);
          if (one.start === 0) text += "00";
          else text += one.start === before.start ? "01" : `02${varint(one.start - first.start)}`;
        }
        text += f64(one.value);
      }
      expect(hex(bytes) === text).toBe(true);
      expect(readBack(bytes)).toEqual(samples);
    }),
    { numRuns: 30 },
  );
});

test("records without samples or without start times are read, and an unknown start marker is an error", () => {
  expect(readBack(Uint8Array.of(2))).toEqual([]);
  const columns = { ...columnsOf([{ ref: 1, time: 2, start: 0, value: 3 }]), starts: undefined };
  const bytes = written((into) => writeSamplesV2(into, columns, 0, 1));
  expect(readBack(bytes)).toEqual([{ ref: 1, time: 2, start: 0, value: 3 }]);
  const damaged = Uint8Array.of(...bytes, 2, 2, 3);
  expect(() => readBack(damaged)).toThrow(DecodeError);
});

const labels = fc
  .dictionary(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), { maxKeys: 4 })
  .map((pairs) => Labels.of(pairs));

test("series, exemplars, metadata, deletions and markers are read back", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ ref, labels }), { minLength: 1 }),
      fc.array(fc.record({ ref, exemplar: fc.record({ labels, value, timestamp: time }) }), { minLength: 1 }),
      fc.array(fc.record({ ref, minTime: time, maxTime: time })),
      fc.array(fc.record({ ref, chunk: ref })),
      (series, exemplars, tombstones, markers) => {
        const seriesBytes = written((into) => series.forEach((one) => writeSeries(into, one.ref, one.labels)));
        expect(seriesBytes[0]).toBe(1);
        const found: [number, string][] = [];
        readSeries(bodyOf(seriesBytes), (number, set) => found.push([number, set.toString()]));
        expect(found).toEqual(series.map((one) => [one.ref, one.labels.toString()]));
        const exemplarBytes = written((into) => writeExemplars(into, exemplars));
        const texts = (list: readonly SeriesExemplar[]): unknown[] =>
          list.map(({ ref: number, exemplar }) => [
            number,
            exemplar.timestamp,
            exemplar.value,
            exemplar.labels.toString(),
          ]);
        expect(exemplarBytes[0]).toBe(4);
        expect(texts(collected((visit) => readExemplars(bodyOf(exemplarBytes), visit)))).toEqual(texts(exemplars));
        const tombstoneBytes = written((into) => writeTombstones(into, tombstones));
        expect(tombstoneBytes[0]).toBe(3);
        expect(collected<Tombstone>((visit) => readTombstones(bodyOf(tombstoneBytes), visit))).toEqual(tombstones);
        const markerBytes = written((into) => writeMarkers(into, markers));
        expect(markerBytes[0]).toBe(5);
        expect(collected<ChunkMarker>((visit) => readMarkers(bodyOf(markerBytes), visit))).toEqual(markers);
      },
    ),
  );
  expect(collected((visit) => readExemplars(bodyOf(Uint8Array.of(4)), visit))).toEqual([]);
});

test("metadata has Prometheus' bytes, and an unknown type is read as unknown", () => {
  const types = ["unknown", "counter", "gauge", "histogram", "gaugehistogram", "summary", "info", "stateset"] as const;
  const list = types.map((type, i) => [i, { type, help: `help ${i}`, unit: i === 2 ? "s" : "" }] as const);
  const bytes = written((into) => list.forEach(([number, metadata]) => writeMetadata(into, number, metadata)));
  const found: unknown[] = [];
  readMetadata(bodyOf(bytes), (number, metadata) => found.push([number, metadata]));
  expect(found).toEqual(list);
  const text = (word: string): string => uvarint(BigInt(word.length)) + Buffer.from(word).toString("hex");
  const entry = `020202${text("UNIT")}${text("s")}${text("HELP")}${text("help 2")}`;
  expect(hex(bytes).startsWith("060000")).toBe(true);
  expect(hex(bytes)).toContain(entry);
  const strange = written((into) => writeMetadata(into, 1, { type: "strange", help: "", unit: "" }));
  expect([strange[0], strange[2]]).toEqual([6, 0]);
  readMetadata(new Cursor(Uint8Array.of(1, 99, 0), 0, 3), (_, metadata) =>
    expect(metadata).toEqual({ type: "unknown", help: "", unit: "" }),
  );
});

describe("a record of histograms", () => {
  const custom = { schema: CUSTOM_BUCKETS_SCHEMA, customBounds: Float64Array.of(1, 2.5) };
  const negative = { negativeSpans: [{ offset: -3, length: 2 }], negativeBuckets: Float64Array.of(4, 1) };
  const whole = (changes: Partial<FloatHistogram> = {}): FloatHistogram =>
    histogramOf(2, { integer: true, ...negative, ...changes });
  const samplesOf = (...histograms: FloatHistogram[]): HistogramSample[] =>
    histograms.map((histogram, i) => ({ ref: 7 + i * 5, timestamp: 1000 - i, start: i * 100, histogram }));
  const hints = ["unknown", "reset", "not-reset", "gauge"] as const;

  test.each([
    [7, 12, samplesOf(...hints.map((resetHint) => whole({ resetHint })))],
    [8, 13, samplesOf(histogramOf(3, { ...negative, integer: false }), histogramOf(1, { integer: false }))],
    [9, 12, samplesOf(whole({ ...custom, negativeSpans: [], negativeBuckets: new Float64Array(0) }))],
    [10, 13, samplesOf(histogramOf(2, { ...custom, integer: false }))],
  ])("a record of type %s, or %s with start times, is read back", (type, typeV2, samples) => {
    expect(samples.map(histogramRecordType)).toEqual(samples.map(() => type));
    expect(samples.map(histogramRecordTypeV2)).toEqual(samples.map(() => typeV2));
    const read = (of: number): HistogramSample[] => {
      const bytes = written((into) => writeHistograms(into, of, samples));
      expect(bytes[0]).toBe(of);
      return collected((visit) => readHistogramRecord(bodyOf(bytes), of, visit));
    };
    expect(read(type)).toEqual(samples.map((one) => ({ ...one, start: 0 })));
    expect(read(typeV2)).toEqual(samples);
  });

  test("is one of six types", () => {
    const types = Array.from({ length: 20 }, (_, type) => type);
    expect(types.filter(isHistogramRecord)).toEqual([7, 8, 9, 10, 12, 13]);
  });

  test("is read without its samples of unknown schemas", () => {
    const kept = [-5, -4, 8, 9, 52, 53].filter((schema) => {
      const bytes = written((into) => writeHistograms(into, 7, samplesOf(whole({ schema }))));
      return collected((visit) => readHistogramRecord(bodyOf(bytes), 7, visit)).length > 0;
    });
    expect(kept).toEqual([-4, 8, 9, 52]);
    expect(collected((visit) => readHistogramRecord(bodyOf(Uint8Array.of(7)), 7, visit))).toEqual([]);
  });

  test("is an error if the counter reset hint is unknown", () => {
    const bytes = written((into) => writeHistograms(into, 7, samplesOf(whole())));
    bytes[1 + 16 + 2] = 4;
    expect(() => collected((visit) => readHistogramRecord(bodyOf(bytes), 7, visit))).toThrow(DecodeError);
  });
});
