import { runToEnd } from "@narthex/runtime";
import { SampleColumns } from "@narthex/storage";
import { histogramOf } from "@narthex/storage/testing";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { timesBetween } from "../../testing/sample-rows.ts";
import { SharedBuffers } from "./shared-column.ts";
import { Tombstones } from "./tombstones.ts";
import { addInterval, type DeletedInterval, dropDeleted } from "../../chunk/deleted-interval.ts";

const SERIES = 10_000;

/** Returns the tombstones of a writer, and the tombstones of a reader that uses the same memory. */
function pair(): { readonly writer: Tombstones; readonly reader: Tombstones } {
  const buffers = new SharedBuffers();
  const writer = new Tombstones(buffers);
  return { writer, reader: new Tombstones(new SharedBuffers(buffers.handles)) };
}

function contents(tombstones: Tombstones): ReadonlyMap<number, readonly DeletedInterval[]> {
  tombstones.refresh();
  return new Map(tombstones.entries());
}

test("a second deletion of 60,000 series adds one entry for each series", () => {
  const { writer, reader } = pair();
  for (let ref = 1; ref <= 60_000; ref++) writer.add(ref, { minTime: 0, maxTime: 1000 });
  expect(writer.entryCount).toBe(60_000);
  for (let ref = 1; ref <= 60_000; ref++) writer.add(ref, { minTime: 500, maxTime: 2000 });
  expect(writer.entryCount).toBe(120_000);
  expect(writer.intervalsOf(60_000)).toEqual([{ minTime: 0, maxTime: 2000 }]);
  reader.refresh();
  expect(reader.size).toBe(60_000);
  expect(reader.intervalsOf(1)).toEqual([{ minTime: 0, maxTime: 2000 }]);
});

test("an interval that is already deleted adds no entry", () => {
  const { writer } = pair();
  writer.add(1, { minTime: 0, maxTime: 1000 });
  writer.add(1, { minTime: 10, maxTime: 1000 });
  expect(writer.entryCount).toBe(1);
});

test("a reader that refreshes after each deletion reads each entry once", () => {
  const { writer, reader } = pair();
  for (let ref = 1; ref <= SERIES; ref++) {
    writer.add(ref, { minTime: ref, maxTime: ref });
    reader.refresh();
  }
  expect(reader.size).toBe(SERIES);
});

test("superseded entries are removed once they are more than half of the list", () => {
  const { writer, reader } = pair();
  for (let round = 0; round < 3; round++) {
    for (let ref = 1; ref <= SERIES; ref++) writer.add(ref, { minTime: 0, maxTime: round });
  }
  expect(writer.isSparse).toBe(true);
  reader.refresh();
  runToEnd(writer.compact());
  expect(writer.entryCount).toBe(SERIES);
  expect(writer.isSparse).toBe(false);
  expect(contents(reader)).toEqual(new Map(writer.entries()));
});

test("intervals that are added while the list is rewritten are in both lists", () => {
  const { writer, reader } = pair();
  for (let ref = 1; ref <= SERIES; ref++) writer.add(ref, { minTime: ref, maxTime: ref });
  const steps = writer.truncate(1000);
  let ref = SERIES;
  let pauses = 0;
  for (; steps.next().done !== true; pauses++) {
    // Adds intervals of three series between two steps of the rewrite: a new series, a series that the rewrite has
    // already visited, and a series whose other intervals end before the truncation.
    writer.add(++ref, { minTime: 0, maxTime: 5 });
    writer.add(SERIES - 1, { minTime: SERIES * (2 + pauses), maxTime: SERIES * (2 + pauses) });
    writer.add(1, { minTime: SERIES, maxTime: SERIES });
    expect(contents(reader).get(ref)).toEqual([{ minTime: 0, maxTime: 5 }]);
    expect(reader.intervalsOf(1)!.at(-1)).toEqual({ minTime: SERIES, maxTime: SERIES });
  }
  expect(pauses).toBeGreaterThan((2 * SERIES) / 4096 - 2);
  expect(contents(reader)).toEqual(new Map(writer.entries()));
  expect(reader.intervalsOf(2)).toBeUndefined();
  expect(reader.intervalsOf(SERIES - 1)).toHaveLength(1 + pauses);
});

test("a truncation that removes no interval leaves the list unchanged", () => {
  const { writer } = pair();
  writer.add(1, { minTime: 0, maxTime: 1000 });
  writer.add(1, { minTime: 0, maxTime: 2000 });
  runToEnd(writer.truncate(1500));
  expect(writer.entryCount).toBe(2);
});

test("deleted intervals cover exactly the times that were added; they are joined and in order", () => {
  const interval = fc.tuple(fc.nat(30), fc.nat(6)).map(([minTime, more]) => ({ minTime, maxTime: minTime + more }));
  const histogram = histogramOf(1);
  fc.assert(
    fc.property(fc.array(interval), fc.array(fc.nat(40)), fc.nat(3), (intervals, times, first) => {
      const merged = intervals.reduce<readonly DeletedInterval[]>((all, one) => addInterval(all, one), []);
      const isDeleted = (time: number): boolean =>
        intervals.some(({ minTime, maxTime }) => minTime <= time && time <= maxTime);
      const hidden = Array.from({ length: 40 }, (_, time) => time).filter(isDeleted);
      expect(merged.flatMap((one) => timesBetween(one.minTime, one.maxTime + 1, 1))).toEqual(hidden);
      expect(merged.every(({ minTime }, i) => i === 0 || minTime > merged[i - 1]!.maxTime + 1)).toBe(true);
      const columns = new SampleColumns(1);
      for (const time of times) {
        if (time % 2 === 0) columns.pushFloat(time, Uint32Array.of(time, time + 1), 0);
        else columns.pushHistogram(time, { ...histogram, count: time });
        columns.setStart(time + 2);
      }
      dropDeleted(columns, merged, Math.min(first, times.length));
      const kept = times.filter((time, i) => i < first || !isDeleted(time));
      const rows = Array.from({ length: columns.count }, (_, i) => [
        columns.timestamps[i],
        columns.histograms?.[i]?.count ?? columns.valueWords[i * 2]! + columns.valueWords[i * 2 + 1]!,
        columns.startTimestamps?.[i],
      ]);
      expect(rows).toEqual(kept.map((time) => [time, time % 2 === 0 ? time * 2 + 1 : time, time + 2]));
    }),
  );
});
