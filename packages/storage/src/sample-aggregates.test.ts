import * as fc from "fast-check";
import { expect, test } from "vitest";
import { SampleAggregates } from "./sample-aggregates.ts";
import { SampleColumns } from "./sample-columns.ts";

test("dropStale() keeps the rows with samples in their order and with all columns", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 200 }), (stale) => {
      const [all, expected] = [new SampleAggregates(), new SampleAggregates()];
      for (const [time, isStale] of stale.entries()) {
        if (isStale) {
          all.pushStale(time);
          continue;
        }
        const sample = new SampleColumns();
        sample.pushFloat(time, Uint32Array.from([0, 0x40_00_00_00 + time]), 0);
        all.pushSamples(sample, 0, 1);
        expected.pushSamples(sample, 0, 1);
      }
      all.dropStale();
      const shown = ({ rows, time, count, last, first, sum }: SampleAggregates): unknown =>
        [time, count, last, first, sum].map((column) => [...column.subarray(0, rows)]);
      expect(shown(all)).toEqual(shown(expected));
    }),
  );
});
