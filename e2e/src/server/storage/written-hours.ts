import { CUSTOM_BUCKETS_SCHEMA, type FloatHistogram, Labels, wordsOf, writeStale } from "@narthex/model";
import { staleHistogramLike } from "@narthex/storage/testing";
import { growing } from "../../support/growing-histogram.ts";
import type { WrittenSeries } from "../../support/remote-write.ts";

const HOUR = 3_600_000;
const FINE_MS = 15_000;
const COARSE_MS = 120_000;
const FINE = 10;
const COARSE = 100;
const SHORT_LIVED = 4;
const EMPTY = new Float64Array(0);

/** Returns the samples of all series in one of the hours of three days. They depend only on the start and the hour. */
export function writtenHour(start: number, hour: number): WrittenSeries[] {
  const from = start + hour * HOUR;
  const series = [
    ...Array.from({ length: FINE }, (_, i) => floats(named("fine_total", i), from, FINE_MS, i)),
    ...Array.from({ length: COARSE }, (_, i) => floats(named(`coarse_${i % 7}`, i), from, COARSE_MS, i)),
    // Series that exist for only three hours each, so that the set of series changes from block to block.
    ...Array.from({ length: SHORT_LIVED }, (_, i) =>
      floats(named("short_lived", i + SHORT_LIVED * Math.floor(hour / 3)), from, COARSE_MS, i),
    ),
    histograms("whole", from, (round) => growing(round, true)),
    histograms("float", from, (round) => growing(round, false)),
    histograms("gauge", from, (round) => ({ ...growing(round % 7, true), resetHint: "gauge" })),
    histograms("custom", from, custom),
    hour % 2 === 0
      ? floats(named("mixed", 0), from, COARSE_MS, 1)
      : { ...histograms("", from, (round) => growing(round, true)), labels: named("mixed", 0) },
  ];
  // Every seventh series has gaps of whole hours, which differ between the series.
  return series.filter((_, i) => i % 7 !== 3 || (hour + i) % 11 > 2);
}

/** Returns exemplars of some counters: two per hour. */
export function tracedHour(start: number, hour: number): WrittenSeries[] {
  const from = start + hour * HOUR;
  return [0, 1, 2].map((i) => ({
    labels: named("fine_total", i),
    timestamps: [],
    values: EMPTY,
    histograms: [],
    exemplars: [1, 2].map((k) => ({
      labels: Labels.of({ trace_id: `${hour}-${i}-${k}`, span: "ü" }),
      value: hour + k / 10,
      timestamp: from + k * 60_000 + i,
    })),
  }));
}

/**
 * Returns a counter and a histogram in order, followed by out-of-order samples. The out-of-order samples begin half an
 * hour before the hour and fill more than one chunk.
 */
export function lateHour(start: number, hour: number): WrittenSeries[] {
  const from = start + hour * HOUR;
  const counter = named("late_total", 0);
  const inOrder = floats(counter, from, COARSE_MS, 4);
  if (hour === 0) return [inOrder];
  const timestamps = Array.from({ length: 50 }, (_, k) => from - HOUR / 2 + k * 30_000 + 7);
  const late = { labels: Labels.of({ __name__: "late_seconds", job: "written" }), values: EMPTY };
  const histogramsAt = (list: readonly number[]): WrittenSeries => ({
    ...late,
    timestamps: list,
    histograms: list.map((time) => growing(Math.floor(time / 30_000), true)),
  });
  return [
    inOrder,
    { labels: counter, timestamps, values: Float64Array.from(timestamps, (time) => time / 1000), histograms: [] },
    histogramsAt(times(from, COARSE_MS)),
    histogramsAt(timestamps),
  ];
}

const named = (name: string, i: number): Labels =>
  Labels.of({ __name__: name, i: String(i), instance: `host-${i % 9}`, job: "written" });

const times = (from: number, step: number): number[] => Array.from({ length: HOUR / step }, (_, k) => from + k * step);

/**
 * Returns float series of several kinds: counters with resets, gauges, constants and values that XOR compresses badly.
 * Every fifth series has a stale marker each hour.
 */
function floats(labels: Labels, from: number, step: number, kind: number): WrittenSeries {
  const timestamps = times(from, step).map((time) => time + (kind % 3 === 0 ? (time / step + kind) % 4 : 0));
  const values = Float64Array.from(timestamps, (time) => valueOf(kind, Math.floor(time / step)));
  if (kind % 5 === 0) writeStale(wordsOf(values), values.length - 1);
  return { labels, timestamps, values, histograms: [] };
}

function valueOf(kind: number, round: number): number {
  switch (kind % 4) {
    case 0:
      return (round % 997) * (kind + 1);
    case 1:
      return Math.sin(round + kind);
    case 2:
      return kind;
    default:
      return Math.round(Math.sin(round / 50) * 1000) / 10;
  }
}

function histograms(of: string, from: number, make: (round: number) => FloatHistogram): WrittenSeries {
  const timestamps = times(from, COARSE_MS);
  const list = timestamps.map((time) => make(time / COARSE_MS));
  const ends = list.at(-1)!;
  // Series with custom buckets do not end, because Prometheus logs their stale marker before the samples and loses the
  // samples in a replay.
  if ((from / HOUR) % 6 === 5 && of !== "custom") list[list.length - 1] = staleHistogramLike(ends);
  const labels = Labels.of({ __name__: "latency_seconds", of, job: "written" });
  return { labels, timestamps, values: EMPTY, histograms: list };
}

function custom(round: number): FloatHistogram {
  const step = (round % 31) + 1;
  return {
    ...growing(0, true),
    schema: CUSTOM_BUCKETS_SCHEMA,
    zeroThreshold: 0,
    zeroCount: 0,
    count: step * 6,
    positiveSpans: [{ offset: 0, length: 3 }],
    positiveBuckets: Float64Array.of(step, step * 2, step * 3),
    negativeSpans: [],
    negativeBuckets: EMPTY,
    customBounds: Float64Array.of(0.1, 0.5),
  };
}
