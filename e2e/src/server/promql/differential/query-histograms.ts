import { CUSTOM_BUCKETS_SCHEMA, type FloatHistogram } from "@narthex/model";
import { type Moment, noise, type SeriesSource } from "./series-source.ts";

const STEP = 30_000;
const EMPTY = new Float64Array(0);

interface Shape {
  readonly schema?: number;
  readonly zeroThreshold?: number;
  readonly integer?: boolean;
  readonly gauge?: boolean;
  readonly negative?: boolean;
  /** Upper bounds of custom buckets; undefined if the buckets are exponential. */
  readonly bounds?: readonly number[];
  readonly nanSum?: boolean;
}

const WIDTH = 5;

/**
 * Returns a histogram with five buckets, as it is after `round` samples. Counters begin with large counts: near the
 * time when a histogram's count was zero, Prometheus 3.5 extrapolates its rate and 3.14 does not.
 */
function histogram(round: number, shape: Shape): FloatHistogram {
  const { schema = 3, zeroThreshold = 2 ** -128, integer = true, gauge = false, negative = false, bounds } = shape;
  const custom = bounds !== undefined;
  const scale = integer ? 1 : 1.25;
  const base = gauge ? 0 : 10_000;
  const width = custom ? bounds.length + 1 : WIDTH;
  const bucket = (b: number): number => (base + Math.floor(round * (b + 1) * (gauge ? noise(round, b) : 1))) * scale;
  const positive = Float64Array.from({ length: width }, (_, b) => bucket(b));
  const below = negative ? Float64Array.of(bucket(1), bucket(0)) : EMPTY;
  const zeroCount = custom ? 0 : bucket(0);
  const total = [...positive, ...below].reduce((sum, count) => sum + count, zeroCount);
  return {
    resetHint: gauge ? "gauge" : "unknown",
    schema: custom ? CUSTOM_BUCKETS_SCHEMA : schema,
    zeroThreshold: custom ? 0 : zeroThreshold,
    zeroCount,
    count: shape.nanSum === true ? total + 3 * scale : total,
    sum: shape.nanSum === true ? NaN : total * 0.75 + round / 8,
    positiveSpans: custom
      ? [{ offset: 0, length: width }]
      : [
          { offset: -2, length: 3 },
          { offset: 2, length: width - 3 },
        ],
    positiveBuckets: positive,
    negativeSpans: negative ? [{ offset: 1, length: 2 }] : [],
    negativeBuckets: below,
    customBounds: custom ? Float64Array.from(bounds) : undefined,
    integer,
  };
}

const source = (name: string, labels: Readonly<Record<string, string>>, at: (k: number) => Moment): SeriesSource => ({
  labels: { __name__: name, job: "api", ...labels },
  stepMs: STEP,
  at,
});

/** Returns a growing (counter) histogram of the given shape, which resets every `lifetime` samples. */
const growing =
  (shape: Shape, lifetime = 10_000) =>
  (k: number): Moment =>
    histogram(k % lifetime, shape);

const alternating =
  (of: readonly Shape[], every: number) =>
  (k: number): Moment =>
    histogram(k, of[Math.floor(k / every) % of.length]!);

/**
 * Native histograms of every kind: integer and float counts, gauges, custom buckets, and changes of resolution or kind.
 */
export function nativeSources(): SeriesSource[] {
  const wide = [0.1, 0.25, 0.5, 2];
  return [
    source("latency_seconds", { of: "whole", instance: "a:80" }, growing({}, 170)),
    source("latency_seconds", { of: "whole", instance: "b:80" }, growing({}, 10_000)),
    source("latency_seconds", { of: "float", instance: "a:80" }, growing({ integer: false, negative: true }, 230)),
    source("latency_seconds", { of: "coarse", instance: "b:80" }, growing({ schema: 0, zeroThreshold: 0.01 }, 300)),
    source("latency_seconds", { of: "changing", instance: "a:80" }, alternating([{ schema: 4 }, { schema: 1 }], 45)),
    source("latency_seconds", { of: "ending", instance: "a:80" }, (k) => {
      const phase = k % 50;
      return phase === 36 ? "stale" : phase < 36 ? histogram(k, {}) : undefined;
    }),
    source("sizes", { instance: "a:80" }, growing({ gauge: true, negative: true })),
    source("sizes", { instance: "b:80" }, growing({ gauge: true, schema: 1, integer: false })),
    source("custom_seconds", { instance: "a:80" }, growing({ bounds: wide }, 200)),
    source("custom_seconds", { instance: "b:80" }, growing({ bounds: wide, integer: false })),
    source("custom_other", { instance: "a:80" }, growing({ bounds: [0.1, 0.5] })),
    source("unknown_sum", { instance: "a:80" }, growing({ nanSum: true })),
    // Series that alternate between floats and histograms, one slice of time each.
    source("both_kinds", { instance: "a:80" }, (k) => (Math.floor(k / 30) % 2 === 0 ? k : histogram(k, {}))),
    source("both_kinds", { instance: "b:80" }, (k) => k % 17),
    // Classic and native histograms that share a name.
    source("clash", { instance: "a:80" }, growing({})),
    ...["1", "+Inf"].map((le, b) => source("clash", { instance: "a:80", le }, (k) => k * (b + 1))),
  ];
}
