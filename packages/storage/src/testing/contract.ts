import { type FloatHistogram, isStaleAt, LabelBytes, Labels, Matcher, wordsOf, writeStale } from "@narthex/model";
import { describe, expect, test } from "vitest";
import { type Appendable, type Appender, createSampleBatch } from "../appender.ts";
import {
  OUTCOME_DUPLICATE,
  OUTCOME_INVALID_HISTOGRAM,
  OUTCOME_OK,
  OUTCOME_OUT_OF_BOUNDS,
  OUTCOME_OUT_OF_ORDER,
  OUTCOME_TOO_OLD,
  OUTCOME_UNKNOWN_SERIES,
} from "../outcome.ts";
import type { Queryable } from "../queryable.ts";
import { SampleColumns } from "../sample-columns.ts";

/**
 * An empty storage to test. The storage must refuse samples that are more than one hour older than the newest
 * committed sample.
 */
interface StorageUnderTest {
  readonly appendable: Appendable;
  readonly queryable: Queryable;
  close(): Promise<void> | void;
}

export type Contract = () => Promise<StorageUnderTest> | StorageUnderTest;

const T0 = 1_700_000_000_000;
const MAX_AGE_MS = 3_600_000;
const UP = Labels.of({ __name__: "up", job: "a" });

/** Returns a small native histogram with the counts 1, 2, 3 … in consecutive buckets. */
export function histogramOf(buckets: number, changes: Partial<FloatHistogram> = {}): FloatHistogram {
  const counts = Float64Array.from({ length: buckets }, (_, i) => i + 1);
  return {
    resetHint: "unknown",
    schema: 1,
    zeroThreshold: 0.001,
    zeroCount: 2,
    count: 2 + counts.reduce((sum, count) => sum + count, 0),
    sum: 18.5,
    positiveSpans: [{ offset: 0, length: buckets }],
    positiveBuckets: counts,
    negativeSpans: [],
    negativeBuckets: new Float64Array(0),
    customBounds: undefined,
    integer: true,
    ...changes,
  };
}

function append(app: Appender, labels: Labels, samples: readonly (readonly [number, number])[]): number[] {
  const batch = createSampleBatch(Math.max(1, samples.length));
  const ref = app.series(labels);
  for (const [timestamp, value] of samples) {
    batch.refs[batch.count] = ref;
    batch.timestamps[batch.count] = timestamp;
    batch.values[batch.count] = value;
    batch.count++;
  }
  app.append(batch);
  return [...batch.outcomes.subarray(0, batch.count)];
}

async function readAll(storage: StorageUnderTest, matchers = [new Matcher("=~", "__name__", ".+")]) {
  const querier = storage.queryable.querier(T0 - 1e9, T0 + 1e9);
  const set = await querier.select(matchers, { start: T0 - 1e9, end: T0 + 1e9 });
  const into = new SampleColumns(1);
  const rows = set.labels.map((labels, i) => {
    set.read(i, T0 - 1e9, T0 + 1e9, into);
    const samples = Array.from({ length: into.count }, (_, k): [number, number] => [
      into.timestamps[k]! - T0,
      into.values[k]!,
    ]);
    return [labels.toString(), samples] as const;
  });
  querier.close();
  return rows;
}

/** Runs the tests that every storage must pass. `make` creates an empty storage. */
export function describeStorage(name: string, make: Contract): void {
  const check = (sentence: string, body: (storage: StorageUnderTest) => Promise<void>): void => {
    // oxlint-disable-next-line vitest/valid-title -- the caller's sentence
    test(sentence, async () => {
      const storage = await make();
      try {
        await body(storage);
      } finally {
        await storage.close();
      }
    });
  };
  // oxlint-disable-next-line vitest/valid-title -- the implementation's name
  describe(name, () => {
    describeAppending(check);
    describeOrder(check);
    describeSelecting(check);
    describeHistograms(check);
  });
}

type Check = (sentence: string, body: (storage: StorageUnderTest) => Promise<void>) => void;

function describeAppending(check: Check): void {
  check("a committed transaction is visible whole, an open one not at all", async (storage) => {
    const app = storage.appendable.appender();
    expect(
      append(app, UP, [
        [T0, 1],
        [T0 + 1000, 2],
      ]),
    ).toEqual([OUTCOME_OK, OUTCOME_OK]);
    expect(append(app, Labels.of({ __name__: "up", job: "b" }), [[T0, 3]])).toEqual([OUTCOME_OK]);
    expect(await readAll(storage)).toEqual([]);
    await app.commit();
    expect(await readAll(storage)).toEqual([
      [
        '{__name__="up", job="a"}',
        [
          [0, 1],
          [1000, 2],
        ],
      ],
      ['{__name__="up", job="b"}', [[0, 3]]],
    ]);
  });
  check("series whose labels come as bytes are those whose labels come as strings", async (storage) => {
    const app = storage.appendable.appender();
    if (app.seriesFromBytes === undefined) return app.rollback();
    const set = new LabelBytes();
    set.addText("zone", "é");
    set.keep();
    const words = ["", "a", "b", "zone-1", "é", "a longer one", "up"];
    const word = (i: number): string => words[i % words.length]!;
    for (let i = 0; i < 400; i++) {
      const record = { __name__: `m${i % 4}`, x: word(i * 3), Y: word(i >> 2), x1: word((i >> 4) * 5) };
      const refs = [
        (): number => app.series(Labels.of({ ...record, zone: "é" })),
        (): number => {
          set.clear();
          for (const [name, value] of Object.entries(record)) set.addText(name, value);
          expect(set.sort()).toBe(true);
          return app.seriesFromBytes!(set);
        },
      ];
      if (i % 3 === 0) refs.reverse();
      expect(refs[0]!()).toBe(refs[1]!());
    }
    const many = new Set<number>();
    for (let i = 0; i < 3000; i++) {
      set.clear();
      set.addText("i", String(i));
      expect(set.sort()).toBe(true);
      many.add(app.seriesFromBytes(set));
    }
    expect(many.size).toBe(3000);
    append(app, Labels.of({ __name__: "m1", x: "é", zone: "é" }), [[T0, 1]]);
    await app.commit();
    expect(await readAll(storage)).toEqual([['{__name__="m1", x="é", zone="é"}', [[0, 1]]]]);
  });
  check("rollback() leaves no sample, and the series takes the same times again", async (storage) => {
    const app = storage.appendable.appender();
    append(app, UP, [[T0, 1]]);
    app.rollback();
    expect(await readAll(storage)).toEqual([]);
    const again = storage.appendable.appender();
    expect(append(again, UP, [[T0, 2]])).toEqual([OUTCOME_OK]);
    await again.commit();
    expect(await readAll(storage)).toEqual([['{__name__="up", job="a"}', [[0, 2]]]]);
  });
  check("series() gives equal labels the same reference, also across transactions", async (storage) => {
    const app = storage.appendable.appender();
    const ref = app.series(UP);
    append(app, UP, [[T0, 1]]);
    expect(app.series(Labels.of({ job: "a", __name__: "up" }))).toBe(ref);
    await app.commit();
    expect(storage.appendable.appender().series(UP)).toBe(ref);
  });
  check("a set read before a commit keeps answering what it saw", async (storage) => {
    const app = storage.appendable.appender();
    append(app, UP, [[T0, 1]]);
    await app.commit();
    const querier = storage.queryable.querier(T0, T0 + 1e9);
    const set = await querier.select([new Matcher("=", "job", "a")], { start: T0, end: T0 + 1e9 });
    const later = storage.appendable.appender();
    append(
      later,
      UP,
      Array.from({ length: 500 }, (_, i): [number, number] => [T0 + 1 + i, i * 0.7]),
    );
    await later.commit();
    const into = new SampleColumns();
    set.read(0, T0, T0 + 1e9, into);
    expect(into.count).toBe(1);
    querier.close();
  });
  check("a reference that names no series gets OUTCOME_UNKNOWN_SERIES", async (storage) => {
    const app = storage.appendable.appender();
    const batch = createSampleBatch(1);
    batch.refs[0] = 4_000_000_000;
    batch.count = 1;
    app.append(batch);
    expect(batch.outcomes[0]).toBe(OUTCOME_UNKNOWN_SERIES);
    expect(app.appendHistogram(4_000_000_000, T0, histogramOf(2))).toBe(OUTCOME_UNKNOWN_SERIES);
    await app.commit();
  });
  check("stale markers, NaN, infinities and negative zero come back with their bits", async (storage) => {
    const batch = createSampleBatch(5);
    const words = wordsOf(batch.values);
    const app = storage.appendable.appender();
    const ref = app.series(UP);
    [NaN, Infinity, -Infinity, -0, 0].forEach((value, i) => {
      batch.refs[i] = ref;
      batch.timestamps[i] = T0 + i;
      batch.values[i] = value;
    });
    writeStale(words, 4);
    batch.count = 5;
    const expected = [...words];
    app.append(batch);
    await app.commit();
    const querier = storage.queryable.querier(T0, T0 + 10);
    const set = await querier.select([new Matcher("=", "__name__", "up")], { start: T0, end: T0 + 10 });
    const into = new SampleColumns();
    set.read(0, T0, T0 + 10, into);
    expect([...into.valueWords.subarray(0, 10)]).toEqual(expected);
    expect(isStaleAt(into.valueWords, 4)).toBe(true);
    expect(isStaleAt(into.valueWords, 0)).toBe(false);
    querier.close();
  });
}

function describeOrder(check: Check): void {
  check("older samples are out of order, the same again is fine, another value a duplicate", async (storage) => {
    const app = storage.appendable.appender();
    append(app, UP, [[T0 + 1000, 1]]);
    await app.commit();
    const next = storage.appendable.appender();
    expect(
      append(next, UP, [
        [T0, 1],
        [T0 + 1000, 1],
        [T0 + 1000, 2],
        [T0 + 2000, 3],
      ]),
    ).toEqual([OUTCOME_OUT_OF_ORDER, OUTCOME_OK, OUTCOME_DUPLICATE, OUTCOME_OK]);
    await next.commit();
    expect(await readAll(storage)).toEqual([
      [
        '{__name__="up", job="a"}',
        [
          [1000, 1],
          [2000, 3],
        ],
      ],
    ]);
  });
  check("ordering counts what the same transaction appended before", async (storage) => {
    const app = storage.appendable.appender();
    expect(
      append(app, UP, [
        [T0 + 1000, 1],
        [T0, 1],
        [T0 + 1000, 1],
        [T0 + 1000, 2],
      ]),
    ).toEqual([OUTCOME_OK, OUTCOME_OUT_OF_ORDER, OUTCOME_OK, OUTCOME_DUPLICATE]);
    await app.commit();
    expect(await readAll(storage)).toEqual([['{__name__="up", job="a"}', [[1000, 1]]]]);
  });
  check(
    "samples far behind the newest committed one are too old, far ahead of the limit out of bounds",
    async (storage) => {
      const app = storage.appendable.appender();
      append(app, UP, [[T0, 1]]);
      await app.commit();
      const next = storage.appendable.appender({ maxTimestamp: T0 + 600_000 });
      const other = Labels.of({ __name__: "other" });
      expect(
        append(next, other, [
          [T0 - MAX_AGE_MS - 1, 1],
          [T0 - MAX_AGE_MS, 1],
          [T0 + 600_001, 2],
        ]),
      ).toEqual([OUTCOME_TOO_OLD, OUTCOME_OK, OUTCOME_OUT_OF_BOUNDS]);
      await next.commit();
      expect(await readAll(storage)).toEqual([
        ['{__name__="other"}', [[-MAX_AGE_MS, 1]]],
        ['{__name__="up", job="a"}', [[0, 1]]],
      ]);
    },
  );
  check("appendExemplar() answers duplicates and out-of-order exemplars", async (storage) => {
    const app = storage.appendable.appender();
    const ref = app.series(UP);
    append(app, UP, [[T0, 1]]);
    const exemplar = { labels: Labels.of({ trace_id: "x" }), value: 1, timestamp: T0 };
    expect(app.appendExemplar(ref, exemplar)).toBe(OUTCOME_OK);
    await app.commit();
    const next = storage.appendable.appender();
    expect(next.appendExemplar(ref, exemplar)).toBe(OUTCOME_DUPLICATE);
    expect(next.appendExemplar(ref, { ...exemplar, timestamp: T0 - 1 })).toBe(OUTCOME_OUT_OF_ORDER);
    expect(next.appendExemplar(4_000_000_000, exemplar)).toBe(OUTCOME_UNKNOWN_SERIES);
    await next.commit();
  });
}

const fill = async (storage: StorageUnderTest): Promise<void> => {
  const app = storage.appendable.appender();
  for (const job of ["a", "b", "c"]) {
    for (const code of ["200", "404", ""]) append(app, Labels.of({ __name__: "hits", job, code }), [[T0, 1]]);
  }
  append(app, Labels.of({ __name__: "é", job: "ü" }), [[T0, 1]]);
  await app.commit();
};
const names = async (storage: StorageUnderTest, ...matchers: Matcher[]): Promise<string[]> =>
  (await readAll(storage, matchers)).map(([labels]) => labels.replace('__name__="hits", ', ""));

function describeSelecting(check: Check): void {
  check("select() takes all four kinds of matchers, an absent label being empty", async (storage) => {
    await fill(storage);
    const hits = new Matcher("=", "__name__", "hits");
    expect(await names(storage, hits, new Matcher("=", "code", ""))).toEqual(['{job="a"}', '{job="b"}', '{job="c"}']);
    expect(await names(storage, hits, new Matcher("=", "job", "a"), new Matcher("!=", "code", ""))).toEqual([
      '{code="200", job="a"}',
      '{code="404", job="a"}',
    ]);
    expect(await names(storage, new Matcher("=~", "code", "4.."), new Matcher("!~", "job", "a|c"))).toEqual([
      '{code="404", job="b"}',
    ]);
    expect(await names(storage, new Matcher("=~", "job", "b|ü"), new Matcher("=~", "code", "|200"))).toEqual([
      '{code="200", job="b"}',
      '{job="b"}',
      '{"__name__"="é", job="ü"}'.replace('"__name__"', "__name__"),
    ]);
    expect(await names(storage, hits, new Matcher("=~", "nothing", ".+"))).toEqual([]);
    expect((await names(storage, hits, new Matcher("!~", "nothing", ".+"))).length).toBe(9);
    expect(await names(storage, new Matcher("=", "job", "nobody"))).toEqual([]);
  });
  check("read() keeps to its range, both ends included", async (storage) => {
    const app = storage.appendable.appender();
    append(
      app,
      UP,
      Array.from({ length: 1000 }, (_, i): [number, number] => [T0 + i * 1000, i]),
    );
    await app.commit();
    const querier = storage.queryable.querier(T0, T0 + 1e9);
    const set = await querier.select([new Matcher("=", "__name__", "up")], { start: T0, end: T0 + 1e9 });
    const into = new SampleColumns(1);
    for (const [from, to] of [
      [100, 100],
      [119, 121],
      [0, 999],
      [998, 2000],
      [400, 399],
    ] as const) {
      set.read(0, T0 + from * 1000, T0 + to * 1000, into);
      const last = Math.min(to, 999);
      expect([...into.values.subarray(0, into.count)]).toEqual(
        Array.from({ length: Math.max(0, last - from + 1) }, (_, i) => from + i),
      );
    }
    querier.close();
  });
  check("labelNames() and labelValues() are sorted, narrowed by matchers and cut by the limit", async (storage) => {
    await fill(storage);
    const querier = storage.queryable.querier(T0, T0);
    expect(await querier.labelNames([])).toEqual(["__name__", "code", "job"]);
    expect(await querier.labelNames([new Matcher("=", "job", "ü")])).toEqual(["__name__", "job"]);
    expect(await querier.labelValues("job", [])).toEqual(["a", "b", "c", "ü"]);
    expect(await querier.labelValues("job", [new Matcher("=~", "code", ".+")], { limit: 2 })).toEqual(["a", "b"]);
    expect(await querier.labelValues("code", [new Matcher("=", "job", "ü")])).toEqual([]);
    expect(await querier.labelValues("unknown", [])).toEqual([]);
    querier.close();
  });
  check("select() throws the reason of a signal that is aborted", async (storage) => {
    await fill(storage);
    const querier = storage.queryable.querier(T0, T0);
    const signal = AbortSignal.abort(new Error("enough"));
    const select = async (): Promise<unknown> =>
      await querier.select([new Matcher("=", "job", "a")], { start: T0, end: T0, signal });
    await expect(select()).rejects.toThrow("enough");
    querier.close();
  });
}

function describeHistograms(check: Check): void {
  check("native histograms come back as they went in, beside floats and with a stale end", async (storage) => {
    const app = storage.appendable.appender();
    const ref = app.series(UP);
    append(app, UP, [[T0, 1]]);
    expect(app.appendHistogram(ref, T0 + 1, histogramOf(3))).toBe(OUTCOME_OK);
    expect(app.appendHistogram(ref, T0 + 2, histogramOf(4))).toBe(OUTCOME_OK);
    expect(app.appendHistogram(ref, T0 + 3, histogramOf(4, { count: 1 }))).toBe(OUTCOME_INVALID_HISTOGRAM);
    await app.commit();
    const next = storage.appendable.appender();
    expect(next.appendHistogram(ref, T0 + 2, histogramOf(4))).toBe(OUTCOME_OK);
    expect(next.appendHistogram(ref, T0 + 2, histogramOf(5))).toBe(OUTCOME_DUPLICATE);
    expect(next.appendHistogram(ref, T0, histogramOf(5))).toBe(OUTCOME_OUT_OF_ORDER);
    const batch = createSampleBatch(1);
    batch.refs[0] = ref;
    batch.timestamps[0] = T0 + 3;
    writeStale(wordsOf(batch.values), 0);
    batch.count = 1;
    next.append(batch);
    expect(batch.outcomes[0]).toBe(OUTCOME_OK);
    await next.commit();
    const querier = storage.queryable.querier(T0, T0 + 10);
    const set = await querier.select([new Matcher("=", "__name__", "up")], { start: T0, end: T0 + 10 });
    const into = new SampleColumns();
    set.read(0, T0, T0 + 10, into);
    expect([...into.timestamps.subarray(0, into.count)]).toEqual([T0, T0 + 1, T0 + 2, T0 + 3]);
    expect(into.histograms![0]).toBeUndefined();
    // Compares only non-empty buckets. The storage may have added empty buckets, because a neighbouring histogram has
    // more buckets.
    expect([...into.histograms![1]!.positiveBuckets].filter((count) => count > 0)).toEqual([1, 2, 3]);
    expect([...into.histograms![2]!.positiveBuckets]).toEqual([1, 2, 3, 4]);
    expect(into.histograms![2]!.count).toBe(12);
    expect(into.histograms![3]!.stale).toBe(true);
    querier.close();
  });
}
