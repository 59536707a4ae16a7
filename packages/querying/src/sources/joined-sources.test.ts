import { Labels, Matcher } from "@narthex/model";
import { createEngine, forEachSample, type QueryResult } from "@narthex/promql";
import { systemClock } from "@narthex/runtime";
import { type Queryable, SampleColumns } from "@narthex/storage";
import { MemoryStorage } from "@narthex/storage/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { joinSources, type Source } from "./joined-sources.ts";

const ALL = [new Matcher("=~", "__name__", ".+")];
const TIMES = 12;

const sourceOf = (queryable: Queryable, changes: Partial<Source> = {}): Source => ({
  name: "here",
  optional: false,
  queryable,
  ...changes,
});

const failing: Queryable = {
  querier: () => ({
    select: () => Promise.reject(new Error("out of reach")),
    labelNames: () => Promise.reject(new Error("out of reach")),
    labelValues: () => Promise.reject(new Error("out of reach")),
    close: () => {},
  }),
};

async function contentOf(queryable: Queryable, limit: number): Promise<unknown> {
  const querier = queryable.querier(0, TIMES);
  const set = await querier.select(ALL, { start: 0, end: TIMES, limit });
  const into = new SampleColumns(1);
  const series = set.labels.map((labels, i) => {
    set.read(i, 1, TIMES - 1, into);
    return [String(labels), [...into.timestamps.subarray(0, into.count)], [...into.values.subarray(0, into.count)]];
  });
  const names = await querier.labelNames(ALL, { limit });
  const values = await querier.labelValues("i", [], { limit });
  querier.close();
  return { series, names, values };
}

/** Random samples. Each sample has a series, a time, and a bit mask of the sources that contain it. */
const samples = fc.uniqueArray(
  fc.record({ series: fc.nat(5), time: fc.nat(TIMES), sources: fc.integer({ min: 1, max: 7 }) }),
  { selector: ({ series, time }) => series * 100 + time, maxLength: 40 },
);

test("several sources answer like one source with all data; if several have a sample, the sample of the first is used", () =>
  fc.assert(
    fc.asyncProperty(samples, fc.nat(4), async (list, limit) => {
      const parts = [new MemoryStorage(), new MemoryStorage(), new MemoryStorage()];
      const whole = new MemoryStorage();
      for (const { series, time, sources } of list.toSorted((a, b) => a.time - b.time)) {
        const labels = Labels.of({ __name__: "m", i: String(series), [`only_${series}`]: "x" });
        const first = parts.findIndex((_, i) => (sources & (1 << i)) !== 0);
        await whole.load(labels, [time], [first]);
        for (const [i, part] of parts.entries()) if ((sources & (1 << i)) !== 0) await part.load(labels, [time], [i]);
      }
      const joined = joinSources(parts.map((part) => sourceOf(part)));
      expect(await contentOf(joined, limit)).toEqual(await contentOf(whole, limit));
    }),
  ));

test("a disabled source is not read, and is read again when it is enabled", async () => {
  const [own, other] = [new MemoryStorage(), new MemoryStorage()];
  await own.load(Labels.of({ __name__: "own" }), [1], [1]);
  await other.load(Labels.of({ __name__: "other" }), [1], [1]);
  let isOff = true;
  const joined = joinSources([sourceOf(own), { ...sourceOf(other), isOff: () => isOff }]);
  const names = async (): Promise<readonly string[]> => joined.querier(0, 9).labelValues("__name__", []);
  expect(await names()).toEqual(["own"]);
  isOff = false;
  expect(await names()).toEqual(["other", "own"]);
});

test("a single source is used directly", () => {
  const storage = new MemoryStorage();
  expect(joinSources([sourceOf(storage)])).toBe(storage);
});

test("data of this server is read without the optional sources", async () => {
  const storage = new MemoryStorage();
  await storage.load(Labels.of({ __name__: "m" }), [1], [1]);
  const joined = joinSources([sourceOf(storage), sourceOf(failing, { optional: true })]);
  const querier = joined.local!.querier(0, TIMES);
  expect((await querier.select(ALL, { start: 0, end: TIMES })).warnings).toEqual([]);
  expect(await querier.labelNames([])).toEqual(["__name__"]);
  expect(querier.warnings ?? []).toEqual([]);
});

test("a failure of an optional source causes a warning; a failure of any other source makes the query fail", async () => {
  const storage = new MemoryStorage();
  await storage.load(Labels.of({ __name__: "m" }), [1], [1]);
  const far = sourceOf(failing, { name: "remote read of far:9", optional: true });
  const querier = joinSources([sourceOf(storage), far]).querier(0, TIMES);
  const set = await querier.select(ALL, { start: 0, end: TIMES });
  expect([set.labels.map(String), set.warnings]).toEqual([['{__name__="m"}'], ["remote read of far:9: out of reach"]]);
  expect(await querier.labelNames([])).toEqual(["__name__"]);
  expect(querier.warnings).toEqual(["remote read of far:9: out of reach"]);
  const strict = joinSources([sourceOf(storage), sourceOf(failing)]).querier(0, TIMES);
  await expect(strict.select(ALL, { start: 0, end: TIMES })).rejects.toThrow("out of reach");
});

test("a cancelled query rejects with its own reason, not with a source's failure", async () => {
  const querier = joinSources([sourceOf(failing, { optional: true }), sourceOf(failing)]).querier(0, TIMES);
  const reason = new Error("gone");
  await expect(querier.labelNames([], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

/** Wraps a storage so that it claims to have all data since a given time. */
const since = (storage: Queryable, completeSince: number): Queryable => ({
  querier: (minTime, maxTime) => ({ ...bound(storage.querier(minTime, maxTime)), completeSince }),
});

const bound = (querier: ReturnType<Queryable["querier"]>): ReturnType<Queryable["querier"]> => ({
  select: (...asked) => querier.select(...asked),
  labelNames: (...asked) => querier.labelNames(...asked),
  labelValues: (...asked) => querier.labelValues(...asked),
  close: () => querier.close(),
});

test("a source that fills the past is queried for data before the time since which other data is complete, and the answers are merged", () =>
  fc.assert(
    fc.asyncProperty(samples, fc.nat(TIMES), async (list, border) => {
      const [own, store, whole] = [new MemoryStorage(), new MemoryStorage(), new MemoryStorage()];
      for (const { series, time, sources } of list.toSorted((a, b) => a.time - b.time)) {
        const labels = Labels.of({ __name__: "m", i: String(series) });
        // Whether the local storage has the sample. Before `border`, it has only some of the samples. From `border` on,
        // the store has other values, so that the test shows which of the two was read.
        const isOwn = time >= border || sources > 5;
        await whole.load(labels, [time], [isOwn ? 0 : 1]);
        if (isOwn) await own.load(labels, [time], [0]);
        await store.load(labels, [time], [1]);
      }
      const filler = sourceOf(store, { fillsPast: true, optional: true });
      const joined = joinSources([sourceOf(since(own, border)), filler]);
      expect(await contentOf(joined, 0)).toEqual(await contentOf(whole, 0));
    }),
  ));

test("each selector queries a source that fills the past once, and only for times that are not complete", async () => {
  const own = new MemoryStorage();
  await own.load(Labels.of({ __name__: "m" }), [7], [1]);
  const asked: (readonly [number, number])[] = [];
  let open = 0;
  const store: Queryable = {
    querier(minTime, maxTime) {
      open++;
      return {
        select(_matchers, { start, end }) {
          asked.push([start, end]);
          return Promise.resolve({ labels: [], warnings: [], read: () => undefined });
        },
        labelNames() {
          asked.push([minTime, maxTime]);
          return Promise.resolve([]);
        },
        labelValues: () => Promise.resolve([]),
        close: () => void open--,
      };
    },
  };
  const joined = joinSources([sourceOf(since(own, 5)), sourceOf(store, { fillsPast: true, optional: true })]);
  const querier = joined.querier(0, 9);
  await querier.select(ALL, { start: 5, end: 9 });
  expect(asked).toEqual([]);
  await querier.select(ALL, { start: 3, end: 9 });
  await querier.select(ALL, { start: 1, end: 2 });
  await querier.select(ALL, { start: 6, end: 9 });
  await querier.labelNames(ALL);
  await joined.querier(5, 9).labelNames(ALL);
  expect(asked).toEqual([
    [3, 4],
    [1, 2],
    [0, 4],
  ]);
  querier.close();
  expect(open).toBe(0);
});

test("if a source that fills the past fails, the query returns the other data with a warning", async () => {
  const own = new MemoryStorage();
  await own.load(Labels.of({ __name__: "m" }), [7], [1]);
  const filler = sourceOf(failing, { name: "store", fillsPast: true, optional: true });
  const querier = joinSources([sourceOf(since(own, 5)), filler]).querier(0, 9);
  const set = await querier.select(ALL, { start: 0, end: 9 });
  expect([set.labels.map(String), set.warnings]).toEqual([['{__name__="m"}'], ["store: out of reach"]]);
});

/** Wraps a storage so that it reports its data before the time `before` as downsampled to one sample per minute. */
function downsampledOf(storage: MemoryStorage, before: number): Queryable {
  return {
    querier(minTime, maxTime) {
      const querier = storage.querier(minTime - 60_000, maxTime);
      return {
        select: async (matchers, hints) =>
          Object.assign(await querier.select(matchers, { ...hints, start: hints.start - 60_000 }), {
            downsampled: { before, samplesFrom: before, resolutionMs: 60_000 },
          }),
        labelNames: (...parameters) => querier.labelNames(...parameters),
        labelValues: (...parameters) => querier.labelValues(...parameters),
        close: () => querier.close(),
      };
    },
  };
}

test("series that another source also has are not reported as downsampled", async () => {
  const [own, other] = [new MemoryStorage(), new MemoryStorage()];
  const [alone, both, there] = ["alone", "both", "there"].map((i) => Labels.of({ __name__: "m", i }));
  for (const [storage, labels] of [
    [own, alone!],
    [own, both!],
    [other, both!],
    [other, there!],
  ] as const)
    await storage.load(labels, [60_000], [1]);
  const joined = joinSources([sourceOf(downsampledOf(own, 600_000)), sourceOf(other, { optional: true })]);
  const engine = createEngine({ clock: systemClock });
  const ask = (text: string): Promise<QueryResult> =>
    engine.query({ text, start: 60_000, end: 120_000, step: 20_000, lookbackMs: 30_000, queryable: joined });
  const found = await ask("m");
  const times = found.series.map((one) => {
    const list: number[] = [];
    forEachSample(one, (time) => void list.push(time));
    return [one.labels.get("i"), list];
  });
  // Expects a downsampled sample for longer than the lookback, because the length of the downsampling window is added.
  expect(times).toEqual([
    ["alone", [60_000, 80_000, 100_000, 120_000]],
    ["both", [60_000, 80_000]],
    ["there", [60_000, 80_000]],
  ]);
  expect(found.infos).toHaveLength(1);
  expect((await ask('m{i!="alone"}')).infos).toEqual([]);
});
