import { compareLabels, CUSTOM_BUCKETS_SCHEMA, type FloatHistogram, Labels, wordsOf, writeStale } from "@narthex/model";
import { staleHistogramLike } from "@narthex/storage/testing";
import { nativeSources } from "./query-histograms.ts";
import type { WrittenSeries } from "../../../support/remote-write.ts";
import { type Moment, noise, type SeriesSource } from "./series-source.ts";

const MINUTE = 60_000;
const STEP = 30_000;
/**
 * Length in ms of a time slice, whose samples are committed in one transaction. Prometheus replays the floats of a
 * transaction before its histograms. Within one transaction, a series therefore has only floats or only histograms.
 */
export const SLICE_MS = 15 * MINUTE;
const INSTANCES = ["a:80", "b:80", "c:80"];

const series = (
  name: string,
  labels: Readonly<Record<string, string>>,
  at: (k: number) => Moment,
  more: Partial<SeriesSource> = {},
): SeriesSource => ({ labels: { __name__: name, job: "api", ...labels }, stepMs: STEP, at, ...more });

/** Returns a counter that grows by up to `pace` per sample and resets every `lifetime` samples. */
const counter = (salt: number, pace: number, lifetime: number, base = 0) => {
  const sums: number[] = [];
  return (k: number): number => {
    while (sums.length <= k) {
      const i = sums.length;
      const before = i % lifetime === 0 ? base : sums[i - 1]!;
      sums.push(before + Math.floor(noise(i, salt) * pace));
    }
    return sums[k]!;
  };
};

/** Returns several counters: some with resets at different times, a late start, gaps, jitter or fractions. */
function counters(): SeriesSource[] {
  const requests = INSTANCES.flatMap((instance, i) =>
    ["200", "404", "500"].map((code, c) => {
      const count = counter(i * 3 + c, 40 / (c + 1), 150 + 37 * i + 11 * c, c * 1000);
      const missing = (k: number): boolean => (i === 2 && k > 0 && k < 200) || (c === 2 && k % 90 < 25);
      return series("requests_total", { instance, code }, (k) => (missing(k) ? undefined : count(k)), {
        late: (k) => (i === 1 ? Math.floor(noise(k, c) * 9000) : 0),
      });
    }),
  );
  const errors = INSTANCES.map((instance, i) => {
    const count = counter(70 + i, 3, 10_000);
    return series("errors_total", { instance }, (k) => count(k) / 4);
  });
  return [...requests, ...errors];
}

const ROOMS = ["attic", "cellar 1", "cellar 10", "cellar 2"];

function gauges(): SeriesSource[] {
  return [
    ...ROOMS.map((room, i) =>
      series("temperature", { room, instance: INSTANCES[i % 3]! }, (k) => Math.sin(k / (9 + i)) * 12.5 - i * 3),
    ),
    // Values that are small integers, many of them equal.
    ...INSTANCES.map((instance, i) =>
      series("queue", { instance, job: "web" }, (k) => Math.floor(noise(k >> 2, i) * 5)),
    ),
    ...INSTANCES.map((instance, i) => series("limit", { instance }, () => [10, 10, 2.5][i])),
    // Values that are timestamps from 1900 to 2100.
    ...INSTANCES.map((instance, i) => series("moment", { instance }, (k) => (noise(k, i) * 200 - 70) * 31_556_952)),
    // Series whose sample interval is longer than the lookback and not a multiple of the query step.
    ...INSTANCES.map((instance, i) =>
      series("sparse", { instance }, (k) => k * (i + 1), {
        stepMs: (4 + 3 * i) * MINUTE,
        late: (k) => Math.floor(noise(k, i) * 50_000),
      }),
    ),
    ...INSTANCES.map((instance, i) => {
      const phase = (k: number): number => (k + 17 * i) % 40;
      const value = (k: number): Moment => (phase(k) === 28 ? "stale" : phase(k) < 28 ? k % 13 : undefined);
      return series("flapping", { instance }, value);
    }),
  ];
}

const ODD: Readonly<Record<string, (k: number) => Moment>> = {
  nan: () => NaN,
  inf: () => Infinity,
  "-inf": () => -Infinity,
  mixed: (k) => [1, NaN, -2, Infinity, 3, 0, -Infinity][k % 7],
  holes: (k) => (k % 9 === 4 ? NaN : k % 5),
  huge: (k) => (k % 3 === 0 ? 1.5e308 : 1e308),
  // Numbers that are close to zero but not subnormal, because Go's logarithm treats all subnormal numbers as 2^-1023.
  tiny: (k) => (k % 4) * 1e-300,
  zero: (k) => (k % 2 === 0 ? 0 : -0),
  precise: (k) => 1e16 + k * 2,
  cancelling: (k) => [1, 1e100, 1, -1e100][k % 4],
};

const odd = (): SeriesSource[] => Object.entries(ODD).map(([kind, at]) => series("odd", { kind }, at));

const BOUNDS = ["0.05", "0.1", "0.5", "1", "2.5", "+Inf"];

/** Returns classic histograms: valid ones, and ones with decreasing counts, without +Inf or with invalid bounds. */
function classic(): SeriesSource[] {
  const sound = INSTANCES.slice(0, 2).flatMap((instance, i) => {
    const count = counter(90 + i, 30, 400);
    const share = (b: number): number => (b + 1) / BOUNDS.length;
    return [
      ...BOUNDS.map((le, b) =>
        series("duration_seconds_bucket", { instance, le }, (k) => Math.floor(count(k) * share(b))),
      ),
      series("duration_seconds_count", { instance }, count),
      series("duration_seconds_sum", { instance }, (k) => count(k) * 0.7 + k / 8),
    ];
  });
  const damaged = [
    ...["1", "2", "4", "+Inf"].map((le, b) =>
      series("damaged_bucket", { le, how: "falls" }, (k) => [5, 9, 7 - (k % 3), 12][b]! * (1 + k)),
    ),
    ...["1", "2"].map((le, b) => series("damaged_bucket", { le, how: "open" }, (k) => k * (b + 1))),
    ...["1", "x", "", "+Inf"].map((le, b) => series("damaged_bucket", { le, how: "unread" }, (k) => k * (b + 1))),
    ...["-1", "0", "1.0", "1", "Inf"].map((le, b) =>
      series("damaged_bucket", { le, how: "twice" }, (k) => Math.floor(k / 10) * (b + 1)),
    ),
    ...["1", "+Inf"].map((le) => series("damaged_bucket", { le, how: "empty" }, () => 0)),
  ];
  return [...sound, ...damaged];
}

/** Returns info metrics. The version in one of them changes, and for a while both versions exist. */
function infos(): SeriesSource[] {
  return [
    ...INSTANCES.slice(0, 2).flatMap((instance, i) => [
      series("target_info", { instance, version: "1.0", env: "prod" }, (k) =>
        k < 400 ? 1 : k === 400 ? "stale" : undefined,
      ),
      series("target_info", { instance, version: "1.1", env: i === 0 ? "prod" : "test" }, (k) =>
        k >= 401 ? 1 : undefined,
      ),
    ]),
    ...INSTANCES.map((instance, i) => series("build_info", { instance, revision: `r${i}`, env: "prod" }, () => 1)),
    series("températures.°C", { étage: "ü", "a.b": "x y" }, (k) => k / 3),
    series("températures.°C", { étage: "日本", "a.b": 'q"\\' }, (k) => -k),
  ];
}

/**
 * All test series, sorted by their labels. The order matters: the TSDB's head returns series in the order of their
 * creation, and blocks return them sorted.
 */
const SOURCES: readonly SeriesSource[] = [
  ...counters(),
  ...gauges(),
  ...odd(),
  ...classic(),
  ...infos(),
  ...nativeSources(),
].toSorted((a, b) => compareLabels(Labels.of(a.labels), Labels.of(b.labels)));

/**
 * Returns all samples of the time slice with number `slice`, counted from `start`. Within a slice, a series has only
 * floats or only histograms.
 */
export function writtenSlice(start: number, slice: number): WrittenSeries[] {
  const [from, to] = [slice * SLICE_MS, (slice + 1) * SLICE_MS];
  return SOURCES.flatMap((source) => {
    const run: { time: number; value: Exclude<Moment, undefined> }[] = [];
    for (let k = Math.ceil(from / source.stepMs); k * source.stepMs < to; k++) {
      const value = source.at(k);
      const time = k * source.stepMs + (source.late?.(k) ?? 0);
      if (value !== undefined && time < to) run.push({ time: start + time, value });
    }
    return run.length === 0 ? [] : [written(Labels.of(source.labels), run)];
  });
}

function written(
  labels: Labels,
  run: readonly { readonly time: number; readonly value: number | FloatHistogram | "stale" }[],
): WrittenSeries {
  const timestamps = run.map(({ time }) => time);
  const kind = run.find(({ value }) => typeof value === "object")?.value;
  if (typeof kind === "object") {
    const histograms = run.map(({ value }) => (typeof value === "object" ? value : staleLike(kind)));
    return { labels, timestamps, values: new Float64Array(0), histograms };
  }
  const values = Float64Array.from(run, ({ value }) => Number(value));
  for (const [i, { value }] of run.entries()) if (value === "stale") writeStale(wordsOf(values), i);
  return { labels, timestamps, values, histograms: [] };
}

/** Returns a stale marker for a histogram series: a histogram of the same kind whose sum is the stale NaN. */
function staleLike(histogram: FloatHistogram): FloatHistogram {
  const custom = histogram.schema === CUSTOM_BUCKETS_SCHEMA;
  if (custom) throw new Error("the original logs the end of a series with custom buckets before the series");
  return staleHistogramLike(histogram);
}
