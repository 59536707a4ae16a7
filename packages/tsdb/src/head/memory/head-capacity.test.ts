import { Labels, Matcher } from "@narthex/model";
import { memoryLogger } from "@narthex/runtime/testing";
import {
  createSampleBatch,
  NO_SERIES,
  OUTCOME_FULL,
  OUTCOME_OK,
  OUTCOME_UNKNOWN_SERIES,
  SampleColumns,
  type SeriesRef,
} from "@narthex/storage";
import { histogramOf } from "@narthex/storage/testing";
import { expect, test } from "vitest";
import { Head } from "../head.ts";
import type { HeadLimits } from "./head-capacity.ts";
import { MAX_REF } from "./series-references.ts";
import { truncateHead } from "../truncate.ts";

const HOUR_MS = 3_600_000;

const headOf = (limits: Partial<HeadLimits> = {}, logger = memoryLogger()): Head =>
  new Head(0, undefined, { limits, logger });
const nameOf = (i: number): Labels => Labels.of({ __name__: `m${i}` });

/** Appends one sample. Returns the reference of its series and the outcome. */
async function append(head: Head, labels: Labels, time: number, value = 1): Promise<(SeriesRef | undefined)[]> {
  const app = head.appender();
  const batch = createSampleBatch(1);
  batch.refs[0] = app.series(labels);
  batch.timestamps[0] = time;
  batch.values[0] = value;
  batch.count = 1;
  app.append(batch);
  await app.commit();
  return [batch.refs[0], batch.outcomes[0]];
}

async function read(head: Head, minTime = 0, maxTime = 1000 * HOUR_MS): Promise<Record<string, readonly number[]>> {
  const querier = head.querier(minTime, maxTime);
  const set = await querier.select([new Matcher("!=", "__name__", "")], { start: minTime, end: maxTime });
  const into = new SampleColumns();
  const found = set.labels.map((labels, i) => {
    set.read(i, minTime, maxTime, into);
    return [labels.get("__name__"), [...into.values.subarray(0, into.count)]] as const;
  });
  querier.close();
  return Object.fromEntries(found);
}

test("a series beyond the last reference is refused, and its samples do not get into another series", async () => {
  const head = headOf();
  await append(head, nameOf(1), 1000, 1);
  head.memory.series.reserve(MAX_REF - 1);
  expect(await append(head, nameOf(2), 1000, 2)).toEqual([MAX_REF, OUTCOME_OK]);
  for (const i of [3, 4, 5]) expect(await append(head, nameOf(i), 2000, i)).toEqual([NO_SERIES, OUTCOME_FULL]);
  expect(await append(head, nameOf(1), 3000, 3)).toEqual([1, OUTCOME_OK]);
  expect(await read(head)).toEqual({ m1: [1, 3], m2: [2] });
  expect(head.memory.capacity.refusedSeries.references).toBe(3);
  expect(head.memory.capacity.refusedSamples).toBe(3);
});

test("a sample with a reference that never existed has the outcome of an unknown series, not of a full head", () => {
  const batch = createSampleBatch(1);
  batch.refs[0] = 4_000_000_000;
  batch.count = 1;
  headOf().appender().append(batch);
  expect(batch.outcomes[0]).toBe(OUTCOME_UNKNOWN_SERIES);
});

test.for<[Partial<HeadLimits>, keyof HeadLimits, string]>([
  [{ series: 3 }, "series", "the head has reached its limit of 3 series; a compaction makes room"],
  [{ pairs: 3 }, "pairs", "the head has reached its limit of 3 label pairs; a compaction makes room"],
  [{ symbols: 5 }, "symbols", "the head has reached its limit of 5 label names and values; a compaction makes room"],
])("a series for which %j has no room is refused, logged once, and accepted after others were removed", async (row) => {
  const [limits, lacking, sentence] = row;
  const logger = memoryLogger();
  const head = headOf(limits, logger);
  for (const i of [1, 2, 3]) expect((await append(head, nameOf(i), i * 1000, i))[1]).toBe(OUTCOME_OK);
  for (const i of [4, 5]) expect(await append(head, nameOf(i), 4000, i)).toEqual([NO_SERIES, OUTCOME_FULL]);
  expect((await append(head, nameOf(3), 4000, 4))[1]).toBe(OUTCOME_OK);
  expect(await read(head)).toEqual({ m1: [1], m2: [2], m3: [3, 4] });
  expect(head.memory.capacity.refusedSeries).toMatchObject({ [lacking]: 2 });
  expect(head.memory.capacity.refusal).toBe(sentence);
  await truncateHead(head, 4000);
  expect((await append(head, nameOf(6), 5000, 6))[1]).toBe(OUTCOME_OK);
  expect(await read(head, 4000)).toEqual({ m3: [4], m6: [6] });
  expect(logger.lines.map(({ message, fields }) => [message, fields["err"]])).toEqual([
    ["taking new series into the head failed", sentence],
    ["taking new series into the head works again", undefined],
  ]);
});

test("a series with too many label names is refused, and its names do not take any places", async () => {
  const head = headOf({ names: 2 });
  await append(head, Labels.of({ __name__: "m1", a: "1" }), 1000, 1);
  const [ref] = await append(head, Labels.of({ __name__: "m2", b: "1", c: "1" }), 1000);
  expect(ref).toBe(NO_SERIES);
  expect([...head.memory.postings.names]).toHaveLength(2);
  expect(await read(head)).toEqual({ m1: [1] });
});

test("a series with more labels than a row can count is refused", async () => {
  const head = headOf();
  const labels = Labels.of(Object.fromEntries(Array.from({ length: 65_536 }, (_, i) => [`l${i}`, "x"])));
  expect(await append(head, labels, 1000)).toEqual([NO_SERIES, OUTCOME_FULL]);
  expect(head.memory.capacity.refusal).toBe("a series cannot have more than 65535 labels, this one has 65536");
  expect((await append(head, nameOf(1), 1000))[1]).toBe(OUTCOME_OK);
});

test("a label value that needs more adjacent slabs than there are is refused", async () => {
  const head = headOf({ slabs: 128 });
  const labels = Labels.of({ __name__: "m", text: "x".repeat(60_000_000) });
  expect(await append(head, labels, 1000)).toEqual([NO_SERIES, OUTCOME_FULL]);
  expect((await append(head, nameOf(1), 1000))[1]).toBe(OUTCOME_OK);
});

test.for<[Partial<HeadLimits>]>([[{ slabs: 24 }], [{ chunks: 512 }]])(
  "samples for which %j has no room are refused, stored samples stay, and a truncation makes room",
  async ([limits]) => {
    const logger = memoryLogger();
    const head = headOf(limits, logger);
    const SERIES = 200;
    const batch = createSampleBatch(SERIES);
    const stored: number[] = [];
    for (let step = 0; ; step++) {
      const app = head.appender();
      for (let i = 0; i < SERIES; i++) {
        batch.refs[i] = app.series(nameOf(i));
        batch.timestamps[i] = step * 60_000;
        // Uses values with many significant bits, so that few samples fill a chunk.
        batch.values[i] = Math.sin(step * SERIES + i);
      }
      batch.count = SERIES;
      app.append(batch);
      await app.commit();
      if (batch.outcomes[0] === OUTCOME_FULL) break;
      expect(batch.outcomes.every((outcome) => outcome === OUTCOME_OK)).toBe(true);
      stored.push(Math.sin(step * SERIES));
    }
    expect(stored.length).toBeGreaterThan(100);
    expect(batch.outcomes.every((outcome) => outcome === OUTCOME_FULL)).toBe(true);
    const late = stored.length * 60_000;
    const app = head.appender();
    expect(app.appendHistogram(app.series(nameOf(0)), late, histogramOf(1))).toBe(OUTCOME_FULL);
    app.rollback();
    const found = await read(head);
    expect(Object.keys(found)).toHaveLength(SERIES);
    expect(found["m0"]).toEqual(stored);
    const readable = Object.values(found).reduce((sum, { length }) => sum + length, 0);
    expect(head.memory.capacity.refusedSamples).toBe(SERIES * (stored.length + 1) + 1 - readable);
    await truncateHead(head, late - HOUR_MS);
    expect((await append(head, nameOf(0), late + 1, 7))[1]).toBe(OUTCOME_OK);
    expect((await read(head, late))["m0"]!.at(-1)).toBe(7);
    expect(logger.lines.map(({ message }) => message)).toEqual([
      "taking samples into the head failed",
      "taking samples into the head works again",
    ]);
  },
);

test("a commit that fills the head keeps the samples for which there was room", async () => {
  const head = headOf({ slabs: 6 });
  const app = head.appender();
  const batch = createSampleBatch(1000);
  const refs = Array.from({ length: 1000 }, (_, i) => app.series(nameOf(i)));
  let taken = 0;
  for (let step = 0; step < 400; step++) {
    for (let i = 0; i < 1000; i++) {
      batch.refs[i] = refs[i]!;
      batch.timestamps[i] = step * 60_000;
      batch.values[i] = Math.sin(step * 1000 + i);
    }
    batch.count = 1000;
    app.append(batch);
    for (const outcome of batch.outcomes) taken += outcome === OUTCOME_OK ? 1 : 0;
  }
  expect(taken).toBe(400_000);
  await app.commit();
  const { refusedSamples } = head.memory.capacity;
  expect(refusedSamples).toBeGreaterThan(0);
  const found = Object.values(await read(head));
  expect(found).toHaveLength(1000);
  expect(found.reduce((sum, { length }) => sum + length, 0)).toBe(400_000 - refusedSamples);
});

test("the first native histogram of a series is refused if the heap has no room for another such series", async () => {
  const head = headOf({ histograms: 2 });
  const add = (i: number, time: number): number => {
    const app = head.appender();
    const outcome = app.appendHistogram(app.series(nameOf(i)), time, histogramOf(1));
    void app.commit();
    return outcome;
  };
  expect([1, 2, 3].map((i) => add(i, 1000))).toEqual([OUTCOME_OK, OUTCOME_OK, OUTCOME_FULL]);
  expect(head.memory.capacity.refusal).toContain("limit of 2 series with native histograms");
  expect(head.memory.capacity.refusedSeries.histograms).toBe(1);
  // At the limit, the two series that already have histograms accept further histograms.
  expect([1, 2].map((i) => add(i, 2000))).toEqual([OUTCOME_OK, OUTCOME_OK]);
  expect((await append(head, nameOf(3), 2000))[1]).toBe(OUTCOME_OK);
  // Series 1 continues with a float and no longer counts as a series with histograms, so series 3 may have histograms.
  await append(head, nameOf(1), 3000);
  expect(add(3, 3000)).toBe(OUTCOME_OK);
});

test("series with native histograms continue while another appender takes the last room", () => {
  const head = headOf({ histograms: 2 });
  const [one, other] = [head.appender(), head.appender()];
  const add = (app: typeof one, i: number, time: number): number =>
    app.appendHistogram(app.series(nameOf(i)), time, histogramOf(1));
  expect([add(one, 1, 1000), add(other, 2, 1000)]).toEqual([OUTCOME_OK, OUTCOME_OK]);
  void other.commit();
  expect(add(one, 1, 2000)).toBe(OUTCOME_OK);
  void one.commit();
});

test("one appender collects at most the number of native histograms that the heap can take", () => {
  const head = headOf({ histograms: 3 });
  const app = head.appender();
  const [one, other] = [app.series(nameOf(1)), app.series(nameOf(2))];
  const outcomes = [1, 2, 3, 4].map((time) => app.appendHistogram(time % 2 === 0 ? one : other, time, histogramOf(1)));
  expect(outcomes).toEqual([OUTCOME_OK, OUTCOME_OK, OUTCOME_OK, OUTCOME_FULL]);
  app.rollback();
});
