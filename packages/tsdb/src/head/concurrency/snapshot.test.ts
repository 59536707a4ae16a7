import { Labels, Matcher } from "@narthex/model";
import { runToEnd } from "@narthex/runtime";
import { createSampleBatch, type Querier, SampleColumns, type SeriesSet } from "@narthex/storage";
import { histogramOf } from "@narthex/storage/testing";
import * as fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { appendRows } from "../../testing/sample-rows.ts";
import { attachHead, type AttachedHead, shareHead } from "../query/attached-head.ts";
import { MAX_SLABS } from "../memory/byte-slabs.ts";
import { Head } from "../head.ts";
import { defragmentOpenChunks } from "../memory/defragment.ts";
import { HeadQuerier } from "../query/querier.ts";
import { truncateHead } from "../truncate.ts";
import { SnapshotLost } from "./undo-log.ts";

/** A change that the writer makes before or during a reader's snapshot. */
type Change =
  | { readonly kind: "commit"; readonly from: number; readonly count: number; readonly step: number }
  | { readonly kind: "histograms"; readonly from: number; readonly count: number; readonly step: number }
  | { readonly kind: "late"; readonly from: number; readonly count: number; readonly back: number }
  | { readonly kind: "move" }
  | { readonly kind: "truncate"; readonly keep: number }
  | { readonly kind: "delete"; readonly series: number; readonly back: number };

const SERIES = 24;
const MINUTE = 60_000;
const ALL = { start: -Infinity, end: Infinity };
const everything = [new Matcher("=~", "__name__", ".+")];
const labelsOf = (series: number): Labels =>
  Labels.of({ __name__: `m${series % 3}`, n: String(series), group: String(series % 5), own: `text-${series}` });

const from = fc.nat(SERIES - 1);
const count = fc.integer({ min: 1, max: 10 });
// Time step between samples. Most steps are equal, because appends have a fast path for equal steps.
const step = fc.constantFrom(1, 1, 1, 1, 1, 7, 40);
const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("commit" as const), from, count, step }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("histograms" as const), from, count, step }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("late" as const), from, count, back: fc.nat(50) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("move" as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("truncate" as const), keep: fc.nat(300) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("delete" as const), series: from, back: fc.nat(30) }) },
);

/** The writer of the test: a head whose clock advances with each commit. */
class Writer {
  readonly head = new Head(0);
  /** Time in ms before which the head's samples were removed by a truncation. */
  truncatedTo = -Infinity;
  #now = 0;

  constructor() {
    this.head.outOfOrder.windowMs = 60 * MINUTE;
    this.head.selections.few = 4;
  }

  /**
   * Applies a change to the head. The synchronous part is complete when the function returns, the asynchronous part
   * when the promise resolves.
   */
  apply(item: Change): Promise<unknown> {
    if (item.kind === "move") return defragmentOpenChunks(this.head.memory);
    if (item.kind === "truncate") {
      this.truncatedTo = Math.max(this.truncatedTo, this.#now - item.keep * MINUTE);
      return truncateHead(this.head, this.truncatedTo);
    }
    if (item.kind === "delete") {
      const row = this.head.memory.series.find(labelsOf(item.series));
      const ref = this.head.memory.series.at.ref[row]!;
      if (row !== 0) this.head.tombstones.add(ref, { minTime: 0, maxTime: this.#now - item.back * MINUTE });
      return Promise.resolve();
    }
    const app = this.head.appender();
    if (item.kind !== "late") this.#now += item.step * MINUTE;
    const time = item.kind === "late" ? this.#now - item.back * MINUTE : this.#now;
    const batch = createSampleBatch(item.count);
    for (let i = 0; i < item.count; i++) {
      const series = (item.from + i) % SERIES;
      const ref = app.series(labelsOf(series));
      if (item.kind === "histograms") app.appendHistogram(ref, time, histogramOf(1 + (series % 4), { sum: time }));
      batch.refs[i] = ref;
      batch.timestamps[i] = time;
      batch.values[i] = time / MINUTE + series / 100;
    }
    batch.count = item.kind === "histograms" ? 0 : item.count;
    app.append(batch);
    return app.commit();
  }
}

const read = async (querier: Querier): Promise<Map<string, string[]>> =>
  samplesOf(await querier.select(everything, ALL));

function samplesOf(set: SeriesSet): Map<string, string[]> {
  const into = new SampleColumns();
  const found = new Map<string, string[]>();
  for (const [index, labels] of set.labels.entries()) {
    set.read(index, -Infinity, Infinity, into);
    const samples: string[] = [];
    for (let i = 0; i < into.count; i++) {
      samples.push(`${into.timestamps[i]!} ${JSON.stringify(into.histograms?.[i] ?? into.values[i])}`);
    }
    found.set(labels.key, samples);
  }
  return found;
}

test("a snapshot shows the commits before its start, whatever the writer does before the reader copies a row", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(change, { maxLength: 60 }),
      fc.array(change, { minLength: 1, maxLength: 25 }),
      fc.constantFrom(0, 4096),
      async (before, during, sortedAtOnce) => {
        const writer = new Writer();
        const shared = shareHead(writer.head);
        const reader = attachHead(shared.handles);
        reader.selections.few = 4;
        for (const item of before) await writer.apply(item);
        const plain = reader.querier(-Infinity, Infinity);
        const expected = await read(plain);
        plain.close();
        const rest: Promise<unknown>[] = [];
        const disturbed = new HeadQuerier(
          {
            memory: reader.memory,
            selections: reader.selections,
            pin: () => reader.pin(),
            async withSnapshot(body) {
              const result = await reader.withSnapshot((snapshot) => {
                for (const item of during) rest.push(writer.apply(item));
                return body(snapshot);
              });
              // Makes further changes to the head between the end of the snapshot and the sorting of the selected rows
              // by the querier.
              for (const item of during) rest.push(writer.apply(item));
              await Promise.all(rest);
              return result;
            },
          },
          -Infinity,
          Infinity,
          sortedAtOnce,
        );
        const found = await read(disturbed);
        await Promise.all(rest);
        for (const [key, samples] of expected) {
          // A series may be missing if the head has removed all of its samples, which are then in a block.
          const isDropped = samples.every((sample) => Number.parseInt(sample, 10) < writer.truncatedTo);
          if (found.has(key) || !isDropped) expect(found.get(key)).toEqual(samples);
        }
        for (const key of found.keys()) expect(expected.has(key)).toBe(true);
        disturbed.close();
        shared.release();
      },
    ),
    { numRuns: 300 },
  ));

let head: Head;
let attached: AttachedHead;
let share: ReturnType<typeof shareHead>;
beforeEach(() => {
  head = new Head(0);
  share = shareHead(head);
  attached = attachHead(share.handles);
});
afterEach(() => share.release());

test("rows are sorted after the snapshot has ended, so that later writes need not be saved for it", async () => {
  const writer = new Writer();
  const shared = shareHead(writer.head);
  const reader = attachHead(shared.handles);
  await writer.apply({ kind: "commit", from: 0, count: 8, step: 1 });
  const { selections } = reader;
  const keep = selections.keep.bind(selections);
  const open: boolean[] = [];
  selections.keep = (...kept) => {
    open.push(writer.head.memory.sequence.hasOpenSnapshots);
    return keep(...kept);
  };
  selections.few = Infinity;
  for (const sortedAtOnce of [4096, 0]) {
    selections.forget();
    const querier = new HeadQuerier(reader, -Infinity, Infinity, sortedAtOnce);
    await querier.select(everything, ALL);
    querier.close();
  }
  expect(open).toEqual([true, false]);
  shared.release();
});

const countOf = (found: Map<string, string[]>): number =>
  [...found.values()].reduce((sum, samples) => sum + samples.length, 0);

/** Returns the numbers of samples that two readers count: one on this thread and one on another thread. */
async function counts(): Promise<number[]> {
  const queriers = [head.querier(-Infinity, Infinity), attached.querier(-Infinity, Infinity)];
  const all = await Promise.all(queriers.map(read));
  for (const querier of queriers) querier.close();
  return all.map(countOf);
}

/**
 * Returns the distinct counts that readers see during a commit. The readers count at each turn of the event loop until
 * the commit ends.
 */
async function seenDuring(commit: Promise<void>): Promise<Set<string>> {
  const end = new AbortController();
  const ended = commit.finally(() => end.abort());
  const seen = new Set<string>();
  while (!end.signal.aborted) {
    seen.add(String(await counts()));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await ended;
  return seen;
}

const commitFloats = (time: number, size: number): Promise<void> =>
  appendRows(
    head,
    Array.from({ length: size }, (_, i) => [Labels.of({ __name__: "many", i: String(i) }), time, time]),
  );

test("readers see a commit of many turns completely or not at all, without waiting for it", async () => {
  const size = 20_000;
  for (const time of [1000, 2000, 3000]) await commitFloats(time, size);
  const seen = await seenDuring(commitFloats(4000, size));
  expect([...seen]).toEqual([`${3 * size},${3 * size}`]);
  expect(await counts()).toEqual([4 * size, 4 * size]);
});

test("a commit of many native histograms takes many turns, and readers see all of it or none", async () => {
  const size = 1500;
  const commit = (time: number): Promise<void> => {
    const app = head.appender();
    for (let i = 0; i < size; i++) {
      app.appendHistogram(
        app.series(Labels.of({ __name__: "many", i: String(i) })),
        time,
        histogramOf(1 + (i % 4), { sum: time }),
      );
    }
    return app.commit();
  };
  await commit(1000);
  const seen = await seenDuring(commit(2000));
  expect(seen.size).toBe(1);
  expect([...seen]).toEqual([`${size},${size}`]);
  expect(await counts()).toEqual([2 * size, 2 * size]);
});

test("series selected during a long commit stay the same after their memory has been freed", async () => {
  const size = 8500;
  let time = 0;
  let last: { readonly querier: Querier; readonly set: SeriesSet } | undefined;
  for (let commits = 0; commits < 18; commits++) {
    // Irregular time steps make chunks long, so that chunks repeatedly move to larger memory blocks and their old
    // blocks are freed.
    const commit = commitFloats((time += 20_000 + ((commits * 7919) % 30_011)), size);
    while (!head.memory.sequence.held) await new Promise((resolve) => setImmediate(resolve));
    const querier = attached.querier(-Infinity, Infinity);
    const set = await querier.select(everything, ALL);
    expect(head.memory.sequence.held).toBe(true);
    await commit;
    if (last !== undefined) {
      const samples = [...samplesOf(last.set).values()];
      expect(new Set(samples.map(({ length }) => length))).toEqual(new Set(commits === 1 ? [] : [commits - 1]));
      // Expects that the value of each sample equals its time.
      expect(samples.flat().filter((sample) => sample.split(" ")[0] !== sample.split(" ")[1])).toEqual([]);
      last.querier.close();
    }
    last = { querier, set };
  }
  last!.querier.close();
});

test("a snapshot during a commit that is too long for the undo log fails, and does not show a part of the commit", async () => {
  const size = 20_000;
  await commitFloats(1000, size);
  const { slabs } = head.memory;
  const fits = slabs.fits.bind(slabs);
  // Simulates a lack of memory for the undo log only. The undo log is the only caller of fits() that passes MAX_SLABS.
  const spy = vi.spyOn(slabs, "fits").mockImplementation((bytes, most) => most !== MAX_SLABS && fits(bytes, most));
  const commit = commitFloats(2000, size);
  while (!head.memory.sequence.held) await new Promise((resolve) => setImmediate(resolve));
  await expect(attached.querier(-Infinity, Infinity).select(everything, ALL)).rejects.toThrow(SnapshotLost);
  await expect(head.querier(-Infinity, Infinity).select(everything, ALL)).rejects.toThrow(SnapshotLost);
  expect(head.memory.sequence.held).toBe(true);
  await commit;
  spy.mockRestore();
  expect(await counts()).toEqual([2 * size, 2 * size]);
});

test("a snapshot that began before deleted samples and their tombstones were removed does not show the deleted samples", async () => {
  // The third sample is in the next chunk range, so it is in a separate chunk that the truncation keeps.
  for (const time of [1000, 2000, 180 * MINUTE]) await commitFloats(time, 3);
  const ref = head.memory.series.at.ref[head.memory.series.find(Labels.of({ __name__: "many", i: "1" }))]!;
  head.tombstones.add(ref, { minTime: 0, maxTime: 4000 });
  expect(await counts()).toEqual([7, 7]);
  let truncation: Promise<unknown> | undefined;
  const snapshot = attached.memory.undo.snapshot.bind(attached.memory.undo);
  vi.spyOn(attached.memory.undo, "snapshot").mockImplementationOnce(() => {
    const taken = snapshot();
    truncation = truncateHead(head, 5000);
    runToEnd(head.tombstones.truncate(5000));
    return taken;
  });
  const querier = attached.querier(-Infinity, Infinity);
  expect(countOf(await read(querier))).toBe(7);
  querier.close();
  await truncation;
});
