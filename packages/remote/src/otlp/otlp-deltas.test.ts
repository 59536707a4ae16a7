import fc from "fast-check";
import { expect, test } from "vitest";
import { at, NOW, OtlpRig, request, text } from "../testing/otlp-rig.ts";
import type { OtlpObject } from "../testing/otlp-message.ts";

const [DELTA, CUMULATIVE] = [1, 2] as const;

/**
 * Counts of an OTLP data point: either since the previous point (delta), or since the start of the stream (cumulative).
 */
interface Counted {
  readonly below: number;
  readonly above: number;
  readonly zero: number;
  readonly sum: number;
}

const add = (a: Counted, b: Counted): Counted => ({
  below: a.below + b.below,
  above: a.above + b.above,
  zero: a.zero + b.zero,
  sum: a.sum + b.sum,
});

/** Returns three metrics of one stream at one time: a sum, a classic and an exponential histogram. */
function metricsOf(temporality: number, stream: string, ms: number, { below, above, zero, sum }: Counted) {
  const point = { timeUnixNano: at(ms), startTimeUnixNano: at(NOW), attributes: [text("stream", stream)] };
  const count = String(below + above + zero);
  const aggregationTemporality = temporality;
  const side = (offset: number, ...counts: readonly number[]): OtlpObject => ({
    offset,
    bucketCounts: counts.map(String),
  });
  const classic = { ...point, count, sum, bucketCounts: [below, zero, above].map(String), explicitBounds: [-1, 1] };
  const exponential = {
    ...point,
    count,
    sum,
    scale: 0,
    zeroCount: String(zero),
    positive: side(2, above),
    negative: side(-1, below),
  };
  return [
    { name: "n", sum: { aggregationTemporality, isMonotonic: true, dataPoints: [{ ...point, asDouble: sum }] } },
    { name: "i", sum: { aggregationTemporality, isMonotonic: true, dataPoints: [{ ...point, asInt: count }] } },
    { name: "h", histogram: { aggregationTemporality, dataPoints: [classic] } },
    { name: "e", exponentialHistogram: { aggregationTemporality, dataPoints: [exponential] } },
  ];
}

// Counts of at least 1, because buckets without counts may be stored in another layout.
const some = fc.integer({ min: 1, max: 5 });
const points = fc.array(
  fc.record({
    stream: fc.constantFrom("a", "b"),
    gap: fc.integer({ min: -2, max: 9 }),
    counted: fc.record({ below: some, above: some, zero: some, sum: fc.integer({ min: 0, max: 9 }) }),
  }),
  { minLength: 1, maxLength: 8 },
);

test.each([false, true])(
  "summed deltas are stored like cumulative values, and old ones are left out (custom buckets: %s)",
  (convertHistogramsToNhcb) =>
    fc.assert(
      fc.asyncProperty(points, async (sent) => {
        const config = { convertHistogramsToNhcb };
        const [adding, plain] = [new OtlpRig(config, { deltas: "add up" }), new OtlpRig(config)];
        const sums = new Map<string, { readonly time: number; readonly counted: Counted }>();
        for (const { stream, gap, counted } of sent) {
          const known = sums.get(stream);
          const time = (known?.time ?? NOW + 10) + gap;
          const taken = await adding.send(request(metricsOf(DELTA, stream, time, counted)));
          expect([taken.status, taken.leftOut]).toEqual([200, []]);
          if (known !== undefined && gap <= 0) continue;
          const sum = known === undefined ? counted : add(known.counted, counted);
          sums.set(stream, { time, counted: sum });
          await plain.send(request(metricsOf(CUMULATIVE, stream, time, sum)));
        }
        expect(adding.stored).toEqual(plain.stored);
        const timesOf = ({ storage }: OtlpRig): unknown =>
          [...storage.series.values()].map(({ samples: { timestamps, startTimestamps, count } }) => [
            [...timestamps.subarray(0, count)],
            [...(startTimestamps?.subarray(0, count) ?? [])],
          ]);
        expect(timesOf(adding)).toEqual(timesOf(plain));
      }),
      { numRuns: 60 },
    ),
);

const histogram = (ms: number, start: number, point: OtlpObject): OtlpObject => {
  const dataPoint = { timeUnixNano: at(ms), startTimeUnixNano: at(start), ...point };
  return request([{ name: "h", histogram: { aggregationTemporality: DELTA, dataPoints: [dataPoint] } }]);
};

test("a stream of deltas begins again if its bounds change, and a sum that is missing once stays missing", async () => {
  const rig = new OtlpRig({ convertHistogramsToNhcb: true }, { deltas: "add up" });
  const explicitHistogram = (explicitBounds: readonly number[], sum?: number): OtlpObject => ({
    count: "3",
    bucketCounts: [...explicitBounds.map(() => "1"), "2"],
    explicitBounds,
    ...(sum === undefined ? {} : { sum }),
  });
  for (const [i, point] of [
    explicitHistogram([1], 5),
    explicitHistogram([1], 6),
    explicitHistogram([1]),
    explicitHistogram([1], 7),
    explicitHistogram([2], 8),
    explicitHistogram([2], 9),
  ].entries())
    await rig.send(histogram(NOW + 10 + i, NOW, point));
  expect(rig.stored['{__name__="h", job="cart"}']).toMatchObject([
    { count: 3, sum: 5, customBounds: Float64Array.of(1) },
    { count: 6, sum: 11 },
    { count: 9, sum: 0 },
    { count: 12, sum: 0, positiveBuckets: Float64Array.of(4, 8) },
    { count: 3, sum: 8, customBounds: Float64Array.of(2), positiveBuckets: Float64Array.of(1, 2) },
    { count: 6, sum: 17 },
  ]);
});

test("a sum of deltas has the flags and exemplars of its first point, and leaves out points that start before it", async () => {
  const rig = new OtlpRig({}, { deltas: "add up" });
  const dataPoint = (value: number): OtlpObject => ({
    count: "1",
    sum: 1,
    exemplars: [{ timeUnixNano: at(NOW), asDouble: value }],
  });
  await rig.send(histogram(NOW + 10, NOW, { ...dataPoint(1) }));
  await rig.send(histogram(NOW + 20, NOW - 1, { ...dataPoint(2) }));
  await rig.send(histogram(NOW + 30, NOW, { ...dataPoint(3), flags: 1 }));
  expect(rig.stored['{__name__="h_count", job="cart"}']).toEqual([1, 2]);
  const exemplars = [...rig.storage.series.values()].flatMap((series) => series.exemplars.map(({ value }) => value));
  expect(exemplars).toEqual([1]);
});
