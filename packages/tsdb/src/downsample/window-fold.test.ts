import { isStaleAt, wordsOf, writeStale } from "@narthex/model";
import { AGGREGATE_COLUMNS, SampleAggregates, SampleColumns } from "@narthex/storage";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Frame } from "../columnar/frame.ts";
import { FrameGroup } from "../columnar/frame-group.ts";
import { dropDeletedRows } from "./deleted-rows.ts";
import { WindowFold } from "./window-fold.ts";

const LENGTH = 50;
const STALE = "stale";

type Value = number | typeof STALE;
type Samples = readonly (readonly [time: number, value: Value])[];

const value: fc.Arbitrary<Value> = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -40, max: 40 }).map((whole) => whole / 4) },
  { weight: 1, arbitrary: fc.constantFrom<Value>(STALE, NaN, -0, 0) },
);
const samples: fc.Arbitrary<Samples> = fc
  .uniqueArray(fc.integer({ min: 1, max: 1200 }), { maxLength: 200 })
  .chain((times) =>
    fc
      .array(value, { minLength: times.length, maxLength: times.length })
      .map((values) => times.sort((a, b) => a - b).map((time, i) => [time, values[i]!] as const)),
  );

function columnsOf(list: Samples): SampleColumns {
  const columns = new SampleColumns(1);
  const word = new Float64Array(1);
  for (const [time, one] of list) {
    if (one === STALE) writeStale(wordsOf(word), 0);
    else word[0] = one;
    columns.pushFloat(time, wordsOf(word), 0);
  }
  return columns;
}

/**
 * Aggregates samples with WindowFold. Adds the samples in batches of size `batch`, because chunks deliver them in
 * parts, too.
 */
function folded(list: Samples, batch: number): SampleAggregates {
  const rows = new SampleAggregates();
  const fold = new WindowFold(LENGTH, rows);
  const columns = columnsOf(list);
  for (let from = 0; from < list.length; from += batch) fold.add(columns, from, Math.min(from + batch, list.length));
  fold.finish();
  return rows;
}

function shown(rows: SampleAggregates): unknown[] {
  const words = wordsOf(rows.last);
  return Array.from({ length: rows.rows }, (_, row) =>
    isStaleAt(words, row)
      ? [rows.time[row], STALE]
      : [rows.time[row], ...AGGREGATE_COLUMNS.map((name) => rows[name][row])],
  );
}

/** Computes the expected aggregates in a simple way, one window after the other. */
function expected(list: Samples): unknown[] {
  const windows = Map.groupBy(list, ([time]) => Math.ceil(time / LENGTH));
  return [...windows.values()].flatMap((window) => {
    const floats = window.filter((sample): sample is readonly [number, number] => sample[1] !== STALE);
    const [lastTime, lastValue] = window.at(-1)!;
    const ends = lastValue === STALE ? [[lastTime, STALE]] : [];
    if (floats.length === 0) return ends;
    const values = floats.map(([, one]) => one);
    const numbers = values.filter((one) => !Number.isNaN(one));
    const [first, last] = [floats[0]!, floats.at(-1)!];
    const least = numbers.reduce((a, b) => (b < a ? b : a), numbers[0] ?? NaN);
    const greatest = numbers.reduce((a, b) => (b > a ? b : a), numbers[0] ?? NaN);
    const lost = values.reduce((sum, one, i) => (i > 0 && one < values[i - 1]! ? sum + values[i - 1]! : sum), 0);
    const sum = values.slice(1).reduce((a, b) => a + b, values[0]!);
    const row = [last[0], last[1], values.length, sum, least, greatest, first[1], last[0] - first[0], lost];
    return [row, ...ends];
  });
}

test("each window's row has the aggregates of its samples, however the samples are divided into chunks", () => {
  fc.assert(
    fc.property(samples, fc.integer({ min: 1, max: 90 }), (list, batch) => {
      // Replaces -0 by 0 in actual and expected results, because a minimum or maximum of 0 and -0 depends on their
      // order.
      const unsigned = (rows: unknown[]): unknown =>
        JSON.parse(JSON.stringify(rows, (_, one) => (one === 0 ? 0 : one)));
      expect(unsigned(shown(folded(list, batch)))).toEqual(unsigned(expected(list)));
    }),
  );
});

test("rows are read back from a frame bit for bit, also for a part of their time, and as plain samples", () => {
  fc.assert(
    fc.property(samples, fc.nat(1300), fc.nat(1300), (list, from, length) => {
      const rows = folded(list, 100);
      if (rows.rows === 0) return;
      const group = new FrameGroup();
      group.addAggregates(rows, 0, rows.rows);
      const [content] = group.frames();
      const frame = new Frame(content!.bytes.slice());
      const [back, part] = [new SampleAggregates(), new SampleAggregates()];
      frame.readAggregates(0, -Infinity, Infinity, back);
      expect(shown(back)).toEqual(shown(rows));
      part.pushStale(-7);
      frame.readAggregates(0, from, from + length, part);
      const within = shown(rows).filter((row) => {
        const time = (row as [number])[0];
        return time >= from && time <= from + length;
      });
      expect(shown(part)).toEqual([[-7, STALE], ...within]);
      const last = new SampleColumns(0);
      frame.read(0, -Infinity, Infinity, last);
      expect([...last.timestamps.subarray(0, last.count)]).toEqual([...rows.time.subarray(0, rows.rows)]);
      expect([...last.valueWords.subarray(0, last.count * 2)]).toEqual([
        ...wordsOf(rows.last).subarray(0, rows.rows * 2),
      ]);
    }),
  );
});

test("only rows that include a deleted sample are removed", () => {
  fc.assert(
    fc.property(samples, fc.nat(1300), fc.nat(200), (list, minTime, length) => {
      const rows = folded(list, 100);
      const deleted = [{ minTime, maxTime: minTime + length }];
      const kept = shown(rows).filter((_, row) => {
        return rows.firstTime(row) > minTime + length || rows.time[row]! < minTime;
      });
      dropDeletedRows(rows, deleted, 0);
      expect(shown(rows)).toEqual(kept);
    }),
  );
});
