import { Labels } from "@narthex/model";
import { SampleAggregates, SampleColumns, type SeriesSet } from "@narthex/storage";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { AggregateWindows } from "./aggregate-windows.ts";
import type { WindowFrame } from "./operator.ts";
import { rangeSelect } from "./range-select.ts";

const frames: fc.Arbitrary<WindowFrame> = fc
  .record({
    count: fc.integer({ min: 1, max: 30 }),
    firstEnd: fc.integer({ min: 0, max: 500 }),
    stride: fc.integer({ min: 0, max: 60 }),
    rangeMs: fc.integer({ min: 1, max: 300 }),
  })
  .map(({ count, firstEnd, stride, rangeMs }) => ({
    grid: { start: firstEnd, step: stride, count },
    rangeMs,
    firstEnd,
    stride,
    before: 0,
    after: 0,
    mode: "plain",
  }));

const times = fc.uniqueArray(fc.integer({ min: -300, max: 2500 }), { maxLength: 100 });

function rowsAt(list: readonly number[]): SampleAggregates {
  const samples = new SampleColumns();
  for (const time of list.toSorted((a, b) => a - b)) samples.pushFloat(time, new Uint32Array(2), 0);
  const rows = new SampleAggregates();
  rows.pushSamples(samples, 0, samples.count);
  return rows;
}

test("windows contain the rows between their bounds; in downsampled time, bounds move back to the end of a row's window", () => {
  fc.assert(
    fc.property(
      frames,
      times,
      fc.integer({ min: -100, max: 2500 }),
      fc.constantFrom(0, 20, 50),
      (frame, list, before, length) => {
        const windows = new AggregateWindows(frame, before, length);
        const rows = rowsAt(list);
        windows.lay(rows);
        let looked = 0;
        for (let step = 0; step < frame.grid.count; step++) {
          const moved = (time: number): number =>
            length > 0 && time < before ? Math.floor(time / length) * length : time;
          const end = moved(frame.firstEnd + step * frame.stride);
          const start = moved(frame.firstEnd + step * frame.stride - frame.rangeMs);
          const found = [...rows.time.subarray(windows.from[step], windows.to[step])];
          // Uses the whole row if both ends of a window move back to the same time, because the window then contains
          // the row that ends at this time.
          const from = start === end ? end - length : start;
          expect(found).toEqual([...rows.time.subarray(0, rows.rows)].filter((time) => time > from && time <= end));
          expect([windows.start[step], windows.end[step]]).toEqual([from, end]);
          looked += found.length;
        }
        expect([windows.looked, windows.rangeMs]).toEqual([looked, frame.rangeMs]);
      },
    ),
  );
});

test("a series gets its own windows, whatever series were read before", () => {
  fc.assert(
    fc.property(frames, times, times, (frame, first, second) => {
      const [used, fresh] = [new AggregateWindows(frame, 700, 20), new AggregateWindows(frame, 700, 20)];
      used.lay(rowsAt(first));
      used.lay(rowsAt(second));
      fresh.lay(rowsAt(second));
      expect([used.from, used.to, used.looked]).toEqual([fresh.from, fresh.to, fresh.looked]);
    }),
  );
});

test("a range is read from the start of its first window, at any position of that start between the ends of rows", async () => {
  await fc.assert(
    fc.asyncProperty(
      frames,
      fc.integer({ min: -100, max: 2500 }),
      fc.constantFrom(20, 50, 400),
      async (frame, before, resolutionMs) => {
        const asked: number[] = [];
        const set: SeriesSet = {
          labels: [Labels.of({})],
          warnings: [],
          downsampled: { before, samplesFrom: before, resolutionMs },
          read: () => {},
          readAggregates: (_index, minTime) => asked.push(minTime) > 0,
        };
        const source = rangeSelect({ series: () => Promise.resolve(set) }, frame);
        await source.prepare(new AbortController().signal);
        expect(source.nextAggregates!(new SampleAggregates())).toBe(true);
        const { start } = new AggregateWindows(frame, before, resolutionMs);
        expect(asked[0]).toBeLessThanOrEqual(start[0]! + 1);
      },
    ),
  );
});
