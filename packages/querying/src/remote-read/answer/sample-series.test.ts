import { WireReader } from "@narthex/bytes";
import { wordsOf } from "@narthex/model";
import { SampleColumns } from "@narthex/storage";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { SampleSeries } from "./sample-series.ts";

/** Decodes a protobuf message TimeSeries. Returns each sample as the two 32-bit words of its value, and its time. */
function read(bytes: Uint8Array): { labels: string[]; samples: number[][] } {
  const found: { labels: string[]; samples: number[][] } = { labels: [], samples: [] };
  const wire = new WireReader(bytes);
  for (let tag = wire.tag(""); tag !== 0; tag = wire.tag("")) {
    const end = wire.range();
    const inner = new WireReader(bytes, wire.start, end);
    const words = new Uint32Array(2);
    let time = 0;
    for (let field = inner.tag(""); field !== 0; field = inner.tag("")) {
      if (field === 9) inner.doubleWords(words, 0);
      else if (field === 16) time = inner.int64();
      else found.labels.push(Buffer.from(bytes.subarray(inner.start, inner.range())).toString());
    }
    if (tag === 18) found.samples.push([words[0]!, words[1]!, time]);
  }
  return found;
}

const time = fc.oneof(
  fc.constantFrom(0, 1, -1, 2 ** 28, 2 ** 28 - 1, -(2 ** 28), 2 ** 53 - 1, -(2 ** 53) + 1, 127, 128),
  fc.maxSafeInteger(),
);

test("samples of any time and value, including NaN payloads, are read back unchanged", () => {
  const series = new SampleSeries();
  fc.assert(
    fc.property(fc.array(fc.tuple(time, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }))), (samples) => {
      const columns = new SampleColumns(1);
      const expected = samples.map(([at, bits]) => {
        const words = Uint32Array.of(Number(bits & 0xffffffffn), Number(bits >> 32n));
        columns.pushFloat(at, words, 0);
        // Expects 0 instead of -0, because a zero value is not written and its sign is lost.
        return [...(bits === 1n << 63n ? [0, 0] : words), at];
      });
      expect(read(series.write([], columns)).samples).toEqual(expected);
    }),
    { examples: [[[[5, 1n << 63n]]]] },
  );
  expect(wordsOf(Float64Array.of(-0))[1]).toBe(0x80000000);
});
