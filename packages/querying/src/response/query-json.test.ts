import { systemClock } from "@narthex/runtime";
import { formatSampleValue, Labels } from "@narthex/model";
import { createEngine, FLOAT, type QueryResult, type QueryTime } from "@narthex/promql";
import { createSampleBatch, type Appendable } from "@narthex/storage";
import { MemoryStorage } from "@narthex/storage/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { JsonBytes } from "./json-bytes.ts";
import { formatTime, writeQueryAnswer } from "./query-json.ts";
import { PieceMemory } from "./piece-memory.ts";
import type { PieceOptions } from "./response-pieces.ts";

const plain = (): PieceOptions => ({ gzip: false, pieceMemory: new PieceMemory() });

const engine = createEngine({ clock: systemClock });

async function store(
  target: Appendable,
  rows: readonly { labels: Record<string, string>; samples: readonly (readonly [number, number])[] }[],
): Promise<void> {
  const appender = target.appender();
  for (const { labels, samples } of rows) {
    const ref = appender.series(Labels.of(labels));
    const batch = createSampleBatch(samples.length);
    samples.forEach(([time, value], i) => {
      batch.refs[i] = ref;
      batch.timestamps[i] = time;
      batch.values[i] = value;
    });
    batch.count = samples.length;
    appender.append(batch);
  }
  await appender.commit();
}

const { stats } = await engine.query({ text: "1", time: 0, queryable: new MemoryStorage() });

const textOf = (result: QueryResult, withStats: boolean): string =>
  Buffer.concat([...writeQueryAnswer(result, withStats, plain())].map(({ bytes }) => bytes)).toString();

async function answer(
  rows: Parameters<typeof store>[1],
  query: QueryTime & { text: string; lookbackMs?: number },
): Promise<string> {
  const storage = new MemoryStorage();
  await store(storage, rows);
  return `${textOf(await engine.query({ ...query, queryable: storage }), false)}}`;
}

const ROWS = [
  {
    labels: { __name__: "a", x: "<&>" },
    samples: [
      [0, 1],
      [60_000, 2.5],
      [120_500, NaN],
    ] as const,
  },
];

test("an instant vector is printed as in Prometheus; labels keep <, > and &", async () => {
  expect(await answer(ROWS, { text: "a", time: 60_500 })).toBe(
    '{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":"a","x":"<&>"},"value":[60.500,"2.5"]}]}}',
  );
});

test("a matrix is printed as in Prometheus, without gaps", async () => {
  expect(await answer(ROWS, { text: "a", start: 0, end: 180_000, step: 60_000, lookbackMs: 60_000 })).toBe(
    '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"a","x":"<&>"},"values":[[0,"1"],[60,"2.5"],[180,"NaN"]]}]}}',
  );
});

test("scalars are plain decimals with a plain time, strings are escaped", async () => {
  expect(await answer([], { text: "1e21", time: -1500 })).toBe(
    '{"status":"success","data":{"resultType":"scalar","result":[-1.5,"1000000000000000000000"]}}',
  );
  expect(await answer([], { text: '"a<b"', time: 0 })).toBe(
    '{"status":"success","data":{"resultType":"string","result":[0,"a\\u003cb"]}}',
  );
});

test("a large answer is sent in pieces that form one JSON text", async () => {
  const samples = Array.from({ length: 300 }, (_, i) => [i * 1000, i] as const);
  const rows = Array.from({ length: 120 }, (_, i) => ({ labels: { __name__: "a", i: String(i) }, samples }));
  const storage = new MemoryStorage();
  await store(storage, rows);
  const result = await engine.query({ queryable: storage, text: "a", start: 0, end: 299_000, step: 1000 });
  const pieces = [...writeQueryAnswer(result, true, plain())];
  expect(pieces.map(({ last }) => last)).toEqual([false, true]);
  const parsed = JSON.parse(`${textOf(result, true)}}`) as { data: { result: { values: unknown[] }[]; stats: object } };
  expect(parsed.data.result).toHaveLength(120);
  for (const { values } of parsed.data.result) expect(values).toHaveLength(300);
  expect(parsed.data.stats).toHaveProperty("samples");
});

test("formatTime() prints whole seconds without and other times with three decimals", () =>
  fc.assert(
    fc.property(fc.integer({ min: -4e12, max: 4e12 }), (ms) => {
      const text = formatTime(ms);
      expect(Number(text)).toBe(ms / 1000);
      expect(text).toMatch(ms % 1000 === 0 ? /^-?\d+$/ : /^-?\d+\.\d{3}$/);
    }),
  ));

test("values are printed as by formatSampleValue(), whatever was written before", () => {
  const value = fc.oneof(
    fc.double(),
    fc.integer(),
    fc.constantFrom(0, -0, NaN, Infinity, -Infinity, 1, 1e9, 1e9 - 1, -1e9, 999_999_999.5, 1e21, 1e-7, 9, 10, 99, 100),
  );
  fc.assert(
    fc.property(fc.array(value.chain((one) => fc.constantFrom([one], [one, one]))), (pairs) => {
      const values = Float64Array.from(pairs.flat());
      const times = Float64Array.from(values, (_, i) => i * 1000);
      const column = { values, present: new Uint8Array(values.length).fill(FLOAT), histograms: undefined };
      const series = [{ labels: Labels.of({ a: "ü" }), times, column }];
      const unsaid = { text: "", time: 0, warnings: [], infos: [], stats, peakSamples: 0 } as const;
      const result = { type: "matrix", series, ...unsaid } as const;
      const parsed = JSON.parse(`${textOf(result, false)}}`) as {
        data: { result: { values?: [number, string][] }[] };
      };
      expect(parsed.data.result[0]!.values ?? []).toEqual(Array.from(values, (one, i) => [i, formatSampleValue(one)]));
    }),
  );
});

test("texts are quoted as by JSON.stringify(), whatever they contain", () => {
  const out = new JsonBytes(4);
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: "grapheme-ascii" }),
    fc.constant('"\\\u007f\ud800'),
  );
  fc.assert(
    fc.property(fc.array(text), (texts) => {
      for (const one of texts) out.quoted(one);
      expect(Buffer.from(out.take()).toString()).toBe(texts.map((one) => JSON.stringify(one)).join(""));
    }),
  );
});
