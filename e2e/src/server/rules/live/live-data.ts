import { parseDuration, wordsOf, writeStale } from "@narthex/model";
import { parseSeriesDescription } from "@narthex/promql";
import { parse } from "yaml";
import { madeUpSeries } from "../../../support/made-up-series.ts";
import { queriedSeries } from "../../../support/queried-series.ts";
import type { WrittenSeries } from "../../../support/remote-write.ts";
import { packTests } from "../published-rules.ts";

/** Times of the samples of a series, Unix ms. */
interface SeriesTimes {
  readonly firstMs: number;
  readonly intervalMs: number;
  /** Samples before and after this range are left out. A series that goes on after it gets a stale marker at its end. */
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Places a series of a rule unit test in time. Histograms are left out. */
export function placedSeries(
  description: string,
  more: Readonly<Record<string, string>>,
  times: SeriesTimes,
): WrittenSeries[] {
  const parsed = parseSeriesDescription(description);
  if (!parsed.ok) throw new Error(`${description}: ${parsed.errors[0].toString()}`);
  const timestamps: number[] = [];
  const floats: (number | "stale")[] = [];
  for (const [i, value] of parsed.values.entries()) {
    const at = times.firstMs + i * times.intervalMs;
    if (at < times.fromMs || (value.kind !== "float" && value.kind !== "stale")) continue;
    const isOver = at >= times.untilMs;
    timestamps.push(isOver ? times.untilMs : at);
    floats.push(isOver || value.kind === "stale" ? "stale" : value.value);
    if (isOver) break;
  }
  if (floats.length === 0) return [];
  const values = Float64Array.from(floats, (value) => (value === "stale" ? 0 : value));
  for (const [i, value] of floats.entries()) if (value === "stale") writeStale(wordsOf(values), i);
  return [{ labels: parsed.labels.with(more), timestamps, values, histograms: [] }];
}

/** Time that the incidents of the alert pack may have taken before the rules are loaded. */
const HISTORY_MS = 100 * 60_000;

/**
 * Returns the series of the alert pack's unit tests. The time at which a test expects its alert is `peakMs`. At `endMs`
 * all series end, so that all alerts are resolved.
 */
export function incidentSeries(peakMs: number, endMs: number): WrittenSeries[] {
  const found: WrittenSeries[] = [];
  for (const [index, test] of packTests().entries()) {
    const { interval, input_series: inputs = [], alert_rule_test: questions = [] } = test;
    const peak = questions.find(({ exp_alerts: expected = [] }) => expected.length > 0);
    if (peak === undefined) continue;
    const times = {
      firstMs: peakMs - parseDuration(peak.eval_time),
      intervalMs: parseDuration(interval),
      fromMs: peakMs - HISTORY_MS,
      untilMs: endMs,
    };
    // The label keeps series of different tests apart.
    const more = { incident: String(index) };
    for (const { series, values } of inputs)
      for (const placed of placedSeries(`${series} ${values}`, more, times)) found.push(placed);
  }
  return found;
}

/**
 * Returns series for the selectors of published rule files: counters, gauges and buckets with made-up values.
 *
 * @param texts the rule files
 */
export function publishedSeries(texts: readonly string[], fromMs: number, untilMs: number): WrittenSeries[] {
  const found = new Map<string, WrittenSeries>();
  for (const text of texts) {
    const queried = queriedSeries(parse(text) as Readonly<Record<string, unknown>>);
    for (const series of madeUpSeries(queried, [fromMs, untilMs])) found.set(series.labels.key, series);
  }
  return [...found.values()];
}

/** Returns series whose timestamps are in order of the first one, for one request of remote write. */
export const inOrder = (series: readonly WrittenSeries[]): WrittenSeries[] =>
  series.toSorted((a, b) => a.timestamps[0]! - b.timestamps[0]!);
