import { type FloatHistogram, Labels } from "@narthex/model";
import type { WrittenSeries } from "../support/remote-write.ts";

const STEP = 30_000;
const INSTANCES = ["a:80", "b:80", "c:80"];
const ROOMS = ["attic", "cellar 1", "cellar 2"];
const ODD = [1, NaN, -2, Infinity, 3, 0, -Infinity];

type ValueAt = (k: number) => number | undefined;

const series = (
  [start, end]: readonly [number, number],
  labels: Readonly<Record<string, string>>,
  at: ValueAt,
): WrittenSeries => {
  const samples: [number, number][] = [];
  for (let time = start; time < end; time += STEP) {
    const value = at(Math.round((time / STEP) % 10_000));
    if (value !== undefined) samples.push([time, value]);
  }
  return {
    labels: Labels.of({ job: "api", ...labels }),
    timestamps: samples.map(([time]) => time),
    values: Float64Array.from(samples, ([, value]) => value),
    histograms: [],
  };
};

function histogramAt(k: number): FloatHistogram {
  const positiveBuckets = Float64Array.of(k, 2 * k, k + 3);
  return {
    resetHint: "unknown",
    schema: 0,
    zeroThreshold: 0.001,
    zeroCount: k % 5,
    count: 4 * k + 3 + (k % 5),
    sum: k * 1.5,
    positiveSpans: [
      { offset: 0, length: 2 },
      { offset: 1, length: 1 },
    ],
    positiveBuckets,
    negativeSpans: [],
    negativeBuckets: new Float64Array(0),
    customBounds: undefined,
    integer: true,
  };
}

/**
 * Returns series between start (inclusive) and end (exclusive): counters, gauges, NaN and infinities, series that
 * appear and disappear, and classic and native histograms.
 */
export function writtenSeries(range: readonly [start: number, end: number]): readonly WrittenSeries[] {
  const [start, end] = range;
  const times = Array.from({ length: Math.ceil((end - start) / STEP) }, (_, i) => start + i * STEP);
  return [
    ...INSTANCES.flatMap((instance, i) =>
      ["200", "500"].map((code, c) =>
        series(range, { __name__: "requests_total", instance, code }, (k) => (k % 700) * (i + 1) + c),
      ),
    ),
    ...ROOMS.map((room, i) =>
      series(range, { __name__: "temperature", room, instance: INSTANCES[i]! }, (k) => Math.sin(k / (9 + i)) * 12.5),
    ),
    ...INSTANCES.map((instance, i) => series(range, { __name__: "queue", instance }, (k) => (k * (i + 3)) % 7)),
    series(range, { __name__: "odd" }, (k) => ODD[k % ODD.length]),
    series(range, { __name__: "flapping" }, (k) => (k % 40 < 20 ? k : undefined)),
    ...INSTANCES.slice(0, 2).flatMap((instance, i) =>
      ["0.1", "0.5", "2.5", "+Inf"].map((le, b) =>
        series(range, { __name__: "duration_seconds_bucket", instance, le }, (k) => k * (b + 1) * (i + 1)),
      ),
    ),
    {
      labels: Labels.of({ __name__: "latency_seconds", job: "api" }),
      timestamps: times,
      values: new Float64Array(0),
      histograms: times.map((time) => histogramAt(Math.round((time / STEP) % 10_000))),
    },
  ];
}
