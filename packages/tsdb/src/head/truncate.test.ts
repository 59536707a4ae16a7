import { Labels, Matcher } from "@narthex/model";
import { createSampleBatch, SampleColumns } from "@narthex/storage";
import { expect, test } from "vitest";
import { Head } from "./head.ts";
import { truncateHead } from "./truncate.ts";
import { appendRows } from "../testing/sample-rows.ts";

const HOUR = 3_600_000;
const ALL = { start: -Infinity, end: Infinity };
const everything = [new Matcher("=~", "__name__", ".+")];

/** Commits one sample of each of `count` series, whose numbers begin at `from`. */
const append = (head: Head, from: number, count: number, timestamp: number): Promise<void> =>
  appendRows(
    head,
    Array.from({ length: count }, (_, i) => {
      const id = from + i;
      const labels = { __name__: "m", id: String(id), group: String(id % 7), old: `x${id >> 3}` };
      return [Labels.of(labels), timestamp, id];
    }),
  );

async function ids(head: Head, ...matchers: Matcher[]): Promise<number[]> {
  const querier = head.querier(-Infinity, Infinity);
  const set = await querier.select(matchers.length > 0 ? matchers : everything, ALL);
  querier.close();
  return set.labels.map((labels) => Number(labels.get("id"))).sort((a, b) => a - b);
}

test("series that are added and removed leave no memory behind, and the index has exactly the remaining series", async () => {
  const head = new Head(0);
  head.selections.few = 16;
  const reserved: number[] = [];
  for (let generation = 0; generation < 120; generation++) {
    await append(head, generation * 50, 100, generation * HOUR);
    await truncateHead(head, (generation - 2) * HOUR);
    const first = Math.max(0, generation - 2) * 50;
    const living = Array.from({ length: generation * 50 + 100 - first }, (_, i) => first + i);
    expect(await ids(head)).toEqual(living);
    expect(await ids(head, new Matcher("=", "group", "3"))).toEqual(living.filter((id) => id % 7 === 3));
    expect(await ids(head, new Matcher("=~", "old", "x.*5"))).toEqual(living.filter((id) => (id >> 3) % 10 === 5));
    expect((await head.querier(-Infinity, Infinity).labelValues("id", [])).length).toBe(living.length);
    reserved.push(head.memory.slabs.reservedBytes);
  }
  expect(head.memory.symbols.count).toBeLessThan(1000);
  expect(reserved.at(-1)).toBe(reserved[20]);
  expect(head.counters.seriesRemoved).toBe(head.counters.seriesCreated - head.memory.series.count);
});

test("the encoders of XOR2 chunks are removed with their series", async () => {
  const head = new Head(0);
  head.encodings = { withStarts: false, floatsXor2: true };
  await append(head, 0, 10, HOUR);
  await append(head, 5, 5, 4 * HOUR);
  expect(head.xor2Chunks.seriesCount).toBe(10);
  await truncateHead(head, 2 * HOUR);
  expect(await ids(head)).toEqual([5, 6, 7, 8, 9]);
  expect(head.xor2Chunks.seriesCount).toBe(5);
});

test("an earlier selection keeps its samples while chunks and series are removed and their memory is used again", async () => {
  const head = new Head(0);
  head.selections.few = 8;
  for (let i = 0; i < 300; i++) await append(head, 0, 20, i * 60_000);
  const querier = head.querier(-Infinity, Infinity);
  const set = await querier.select(everything, ALL);
  await truncateHead(head, 10 * HOUR);
  expect(await ids(head)).toEqual([]);
  for (let i = 0; i < 300; i++) await append(head, 1000, 40, 20 * HOUR + i * 60_000);
  const into = new SampleColumns();
  for (const [index, labels] of set.labels.entries()) {
    set.read(index, -Infinity, Infinity, into);
    expect([...into.timestamps.subarray(0, into.count)]).toEqual(Array.from({ length: 300 }, (_, i) => i * 60_000));
    expect(into.values.subarray(0, into.count).every((value) => value === Number(labels.get("id")))).toBe(true);
  }
  querier.close();
  expect((await ids(head)).length).toBe(40);
});

test("a series is not dropped while an open transaction appends to it", async () => {
  const head = new Head(0);
  await append(head, 0, 1, 0);
  await append(head, 1, 1, 100 * HOUR);
  const app = head.appender();
  const ref = app.series(Labels.of({ __name__: "m", id: "0", group: "0", old: "x0" }));
  const batch = createSampleBatch(1);
  batch.refs[0] = ref;
  batch.timestamps[0] = 100 * HOUR;
  batch.count = 1;
  app.append(batch);
  await truncateHead(head, 50 * HOUR);
  await app.commit();
  expect(await ids(head)).toEqual([0, 1]);
  // The series is now empty and no open transaction uses it, so this truncation removes it. Its reference is then
  // unknown (outcome 5).
  await truncateHead(head, 200 * HOUR);
  expect(await ids(head)).toEqual([]);
  const later = head.appender();
  later.append(batch);
  expect(batch.outcomes[0]).toBe(5);
  later.rollback();
  await append(head, 0, 1, 201 * HOUR);
  expect(head.memory.series.rowOf(ref)).toBe(0);
});

test("a series is not dropped before both open transactions that append to it have ended", async () => {
  for (const rollsBack of [true, false]) {
    const head = new Head(0);
    await append(head, 0, 1, 0);
    await append(head, 1, 1, 100 * HOUR);
    const batch = createSampleBatch(1);
    const first = head.appender();
    const second = head.appender();
    for (const [app, time] of [
      [first, 100 * HOUR],
      [second, 100 * HOUR + 1],
    ] as const) {
      batch.refs[0] = app.series(Labels.of({ __name__: "m", id: "0", group: "0", old: "x0" }));
      batch.timestamps[0] = time;
      batch.count = 1;
      app.append(batch);
    }
    const [ends, stays] = rollsBack ? [second, first] : [first, second];
    ends.rollback();
    await truncateHead(head, 50 * HOUR);
    await stays.commit();
    expect(await ids(head)).toEqual([0, 1]);
    await truncateHead(head, 200 * HOUR);
    expect(await ids(head)).toEqual([]);
  }
});
