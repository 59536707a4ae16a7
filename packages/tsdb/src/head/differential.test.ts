import { Labels, Matcher, wordsOf } from "@narthex/model";
import {
  type Appendable,
  createSampleBatch,
  EncodedChunks,
  type Queryable,
  SampleColumns,
  type SeriesSet,
} from "@narthex/storage";
import { histogramOf, MemoryStorage } from "@narthex/storage/testing";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decodeChunk } from "../block/decode-chunk.ts";
import { Head } from "./head.ts";

/**
 * A random step that is applied to the head and to a simple model: samples with series number, time step and value, in
 * a transaction that is committed or rolled back.
 */
type Step =
  | {
      readonly kind: "float";
      readonly series: number;
      readonly time: number;
      readonly bits: bigint;
      readonly run: number;
    }
  | {
      readonly kind: "histogram";
      readonly series: number;
      readonly time: number;
      readonly buckets: number;
      readonly count: number;
    }
  | { readonly kind: "end"; readonly commit: boolean };

const SERIES = 24;
const labelsOf = (series: number): Labels =>
  Labels.of({
    __name__: `m${series % 3}`,
    a: String(series % 4),
    b: series % 5 === 0 ? "" : `v${series % 5}`,
    n: String(series),
  });

const time = fc.integer({ min: 0, max: 4_000_000 });
const bits = fc.oneof(
  fc.constantFrom(0x7ff0000000000002n, 0x7ff8000000000001n, 0n, 0x3ff0000000000000n),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
);
const series = fc.nat(SERIES - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("float" as const), series, time, bits, run: fc.nat(200) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("histogram" as const),
      series,
      time,
      buckets: fc.integer({ min: 1, max: 4 }),
      count: fc.nat(50),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("end" as const), commit: fc.boolean() }) },
);

async function play(storage: Appendable, steps: readonly Step[]): Promise<number[]> {
  const outcomes: number[] = [];
  let app = storage.appender();
  for (const item of steps) {
    if (item.kind === "end") {
      if (item.commit) await app.commit();
      else app.rollback();
      app = storage.appender({ maxTimestamp: 5_000_000 });
      continue;
    }
    const ref = app.series(labelsOf(item.series));
    if (item.kind === "histogram") {
      const histogram = histogramOf(item.buckets, { zeroCount: item.count, count: item.count + 10 });
      outcomes.push(app.appendHistogram(ref, item.time, histogram));
      continue;
    }
    const batch = createSampleBatch(item.run + 1);
    const words = wordsOf(batch.values);
    for (let i = 0; i <= item.run; i++) {
      batch.refs[i] = ref;
      batch.timestamps[i] = item.time + i * 15_000;
      words[i * 2] = Number(item.bits & 0xffffffffn) ^ i;
      words[i * 2 + 1] = Number(item.bits >> 32n);
    }
    batch.count = item.run + 1;
    app.append(batch);
    outcomes.push(...batch.outcomes);
  }
  await app.commit();
  return outcomes;
}

const lastOf = ({ timestamps, valueWords, count }: SampleColumns): number[] =>
  count === 0 ? [] : [timestamps[count - 1]!, valueWords[count * 2 - 2]!, valueWords[count * 2 - 1]!];

function newestOf(set: SeriesSet, index: number, from: number, to: number): number[] {
  const into = new SampleColumns(1);
  if (set.readNewest === undefined) set.read(index, from, to, into);
  else set.readNewest(index, from, to, into);
  return lastOf(into);
}

function samplesOf(columns: SampleColumns): string[] {
  return Array.from({ length: columns.count }, (_, i) => {
    const histogram = columns.histograms?.[i];
    if (histogram === undefined)
      return `${columns.timestamps[i]}:${columns.valueWords[i * 2 + 1]}.${columns.valueWords[i * 2]}`;
    const counts = [...histogram.positiveBuckets].filter((count) => count > 0).join();
    return `${columns.timestamps[i]}:h${histogram.count}/${histogram.sum}/${counts}/${histogram.stale ?? false}`;
  });
}

function decoded({ bytes, start, end, encoding, count }: EncodedChunks): SampleColumns {
  const columns = new SampleColumns();
  for (let i = 0; i < count; i++) {
    decodeChunk({ bytes, start: start[i]!, end: end[i]!, encoding: encoding[i]! }, -Infinity, Infinity, columns);
  }
  return columns;
}

async function dump(storage: Queryable, matchers: readonly Matcher[], from: number, to: number): Promise<string[]> {
  const querier = storage.querier(from, to);
  const set = await querier.select(matchers, { start: from, end: to });
  expect(querier.maxSeries!(matchers, { start: from, end: to })).toBeGreaterThanOrEqual(set.labels.length);
  expect(querier.maxListed!(matchers)).toBeGreaterThanOrEqual(set.labels.length);
  const values = await querier.labelValues("a", []);
  expect(querier.maxListed!([], "a")).toBeGreaterThanOrEqual(values.length);
  const into = new SampleColumns(8);
  const rows = set.labels.map((labels, index) => {
    const newest = newestOf(set, index, from, to);
    set.read(index, from, to, into);
    expect(newest).toEqual(lastOf(into));
    const samples = samplesOf(into);
    const chunks = new EncodedChunks();
    if (set.readChunks?.(index, from, to, chunks) === true) expect(samplesOf(decoded(chunks))).toEqual(samples);
    return samples.length === 0 ? "" : `${labels.toString()} ${samples.join(" ")}`;
  });
  querier.close();
  // The head may return series whose chunks overlap the range although none of their samples is in it.
  return rows.filter((row) => row !== "");
}

const matcher = fc
  .record({
    type: fc.constantFrom("=" as const, "!=" as const, "=~" as const, "!~" as const),
    name: fc.constantFrom("__name__", "a", "b", "n", "absent"),
    value: fc.constantFrom("", "m1", "0", "v1", "v1|v2", "m0|", ".*", ".+", "[01]", "1.?", "v[^1]", "(?:0|3)"),
  })
  .map(({ type, name, value }) => new Matcher(type, name, value));

test("the head gives the same results as a simple memory model, after any appends and for any matchers and ranges", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 40 }),
      fc.array(fc.tuple(fc.array(matcher, { minLength: 1, maxLength: 3 }), time, time), { minLength: 4, maxLength: 4 }),
      async (steps, queries) => {
        const memory = new MemoryStorage({ maxAgeMs: 3_600_000 });
        const head = new Head(10);
        expect(await play(head, steps)).toEqual(await play(memory, steps));
        const all = [new Matcher("=~", "n", ".*")];
        expect(await dump(head, all, -1, 1e10)).toEqual(await dump(memory, all, -1, 1e10));
        for (const [matchers, from, to] of queries) {
          expect(await dump(head, matchers, from, to)).toEqual(await dump(memory, matchers, from, to));
        }
      },
    ),
    { numRuns: 150 },
  );
});
