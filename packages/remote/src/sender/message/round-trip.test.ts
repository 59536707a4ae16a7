import { ByteWriter, SnappyCompressor } from "@narthex/bytes";
import { Labels, wordsOf } from "@narthex/model";
import { ManualClock } from "@narthex/runtime/testing";
import { histogramOf, MemoryStorage } from "@narthex/storage/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { WriteReceiver } from "../../receiver/write-receiver.ts";
import { type NestedMessages, withUnknownFields } from "../../testing/unknown-fields.ts";
import { SentSeries } from "../series/sent-series.ts";
import { encodeV1 } from "./encode-v1.ts";
import { encodeMetadata } from "../thread/encode-metadata.ts";
import { V2Encoder } from "./encode-v2.ts";
import { SampleBatch } from "./sample-batch.ts";

const SERIES = 1500;
const MESSAGES = { 1: "prometheus.WriteRequest", 2: "io.prometheus.write.v2.Request" } as const;

const labelsOf = (ref: number): Labels =>
  Labels.of({ __name__: `m${ref}`, path: "/".repeat(ref % 300), zone: `z${ref % 7}` });

type Version = keyof typeof MESSAGES;
const seriesOf = (version: Version): SentSeries => {
  const series = new SentSeries({ version, externalLabels: Labels.of({ cluster: "c" }), rules: [] });
  for (let ref = 0; ref < SERIES; ref++) series.store(ref, labelsOf(ref), 0);
  return series;
};

/** Value of a sample that has an exemplar. */
const EXEMPLAR_VALUE = 12345;

interface Entry {
  readonly ref: number;
  readonly time: number;
  /** Value of a float; undefined for a histogram. */
  readonly value: number | undefined;
}

/** Encodes a batch as a message. Returns the entries that a receiver stores from it. */
async function received(series: SentSeries, version: Version, entries: readonly Entry[], oldest: number) {
  const { storage } = await store(version, messageOf(series, version, entries, oldest));
  return Object.fromEntries(
    [...storage.series.values()].map(({ labels, samples }) => [
      labels.toString(),
      Array.from({ length: samples.count }, (_, i) => [
        samples.timestamps[i],
        samples.histograms?.[i] === undefined ? samples.values[i] : undefined,
      ]),
    ]),
  );
}

function messageOf(series: SentSeries, version: Version, entries: readonly Entry[], oldest: number): Uint8Array {
  const batch = new SampleBatch(entries.length * 2);
  for (const { ref, time, value } of entries) {
    const row = series.rowOf(ref);
    const [low, high] = wordsOf(Float64Array.of(value ?? 0));
    if (value === undefined) batch.addHistogram(row, time, histogramOf(1), 0);
    else batch.addFloat(row, time, high!, low!, 0);
    if (value === EXEMPLAR_VALUE) batch.addExemplar(row, { labels: Labels.of({ trace: "1" }), value, timestamp: time });
  }
  const message = new ByteWriter();
  if (version === 1) encodeV1(batch, series, message, oldest);
  else new V2Encoder(series).encode(batch, message, oldest);
  return message.written.slice();
}

async function store(version: Version, message: Uint8Array) {
  const storage = new MemoryStorage();
  const receiver = new WriteReceiver({
    appendable: storage,
    clock: new ManualClock(2 ** 51),
    outOfOrderWindowMs: () => 0,
    withMetadata: true,
    typeAndUnitLabels: false,
  });
  const answer = await receiver.receive(MESSAGES[version], new SnappyCompressor().compress(message));
  expect([answer.status, answer.problem]).toEqual([204, ""]);
  return { storage, counts: answer.counts };
}

const time = fc.oneof(
  fc.constantFrom(0, 127, 128, 2 ** 28 - 1, 2 ** 28, 2 ** 35 - 1, 2 ** 35, 2 ** 42, 2 ** 49 - 1, 2 ** 49, 2 ** 50),
  fc.integer({ min: -(2 ** 50), max: 2 ** 50 }),
);
const entry: fc.Arbitrary<Entry> = fc.record({
  ref: fc.oneof(fc.integer({ min: 0, max: SERIES - 1 }), fc.integer({ min: 0, max: 3 })),
  time,
  value: fc.oneof(fc.double(), fc.constant(undefined)),
});

test.each([1, 2] as const)(
  "a receiver stores the entries of a batch for version %i, except those that are too old",
  async (version) => {
    const series = seriesOf(version);
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 40 }), time, async (drawn, oldest) => {
        // Removes duplicate times of a series, and sorts the samples by time.
        const entries = [...new Map(drawn.map((one) => [`${one.ref} ${one.time}`, one])).values()].toSorted(
          (a, b) => a.time - b.time,
        );
        const expected: Record<string, unknown[]> = {};
        for (const { ref, time: at, value } of entries) {
          if (at >= oldest)
            (expected[
              labelsOf(ref)
                .filledFrom(Labels.of({ cluster: "c" }))
                .toString()
            ] ??= []).push([at, value]);
        }
        expect(await received(series, version, entries, oldest)).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  },
);

test.each([1, 2] as const)("a batch for version %i may have very many series", async (version) => {
  const entries = Array.from({ length: SERIES }, (_, ref) => ({ ref, time: ref + 1, value: -ref }));
  const stored = await received(seriesOf(version), version, entries, 0);
  expect(Object.values(stored)).toEqual(entries.map(({ time: at, value }) => [[at, value]]));
});

const HISTOGRAM: NestedMessages = { 8: {}, 11: {} };
const NESTED: Readonly<Record<Version, NestedMessages>> = {
  1: { 1: { 1: {}, 2: {}, 3: { 1: {} }, 4: HISTOGRAM }, 3: {} },
  2: { 5: { 2: {}, 3: HISTOGRAM, 4: {}, 5: {} } },
};

test.each([1, 2] as const)("unknown fields in all messages of version %i are skipped", async (version) => {
  const series = seriesOf(version);
  const metadata = { type: "counter", help: "h", unit: "u" };
  series.storeMetadata(0, metadata);
  const entries: Entry[] = [
    { ref: 0, time: 1, value: EXEMPLAR_VALUE },
    { ref: 1, time: 1, value: undefined },
  ];
  const message = Buffer.concat([
    messageOf(series, version, entries, 0),
    version === 1 ? encodeMetadata([{ metric: "m0", ...metadata }]) : new Uint8Array(),
  ]);
  const [plain, changed] = [
    await store(version, message),
    await store(version, withUnknownFields(message, NESTED[version])),
  ];
  expect(plain.counts).toEqual({ samples: 1, histograms: 1, exemplars: 1 });
  expect([changed.counts, changed.storage.metadata]).toEqual([plain.counts, plain.storage.metadata]);
  expect([...changed.storage.series.values()]).toEqual([...plain.storage.series.values()]);
});

test("metadata of version 1 has a type and a name, and no empty texts", () => {
  const bytes = (help: string, unit: string) => [...encodeMetadata([{ metric: "m", type: "counter", help, unit }])];
  expect(bytes("h", "u")).toEqual([26, 11, 8, 1, 18, 1, 109, 34, 1, 104, 42, 1, 117]);
  expect(bytes("", "")).toEqual([26, 5, 8, 1, 18, 1, 109]);
});
