import { Labels } from "@narthex/model";
import { SampleColumns } from "@narthex/storage";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { readXor } from "../chunk/xor.ts";
import { ChunkSeries } from "./chunk-series.ts";

test("every sample of an import is read back from the chunks of its series", () => {
  const sample = fc.tuple(fc.integer({ min: 1, max: 100_000 }), fc.double({ noNaN: true }));
  fc.assert(
    fc.property(fc.array(sample, { minLength: 1, maxLength: 500, size: "max" }), (steps) => {
      const series = new ChunkSeries(Labels.of({ __name__: "m" }), 7_200_000);
      const words = new Uint32Array(2);
      const value = new Float64Array(words.buffer);
      let time = 0;
      const appended = steps.map(([step, each]) => {
        value[0] = each;
        expect(series.append((time += step), words[1]!, words[0]!)).toBe(true);
        return [time, each];
      });
      series.finish();
      const into = new SampleColumns();
      for (const { bytes } of series.chunks) readXor(bytes, 0, (bytes[0]! << 8) | bytes[1]!, -Infinity, Infinity, into);
      expect(Array.from({ length: into.count }, (_, i) => [into.timestamps[i], into.values[i]])).toEqual(appended);
    }),
  );
});
