import { type Frame, type JsonObject, type Labels } from "@narthex/dashboards";
import { seededRandom } from "@narthex/runtime";
import type { DataQuery } from "../data-source.ts";
import { numberAt, textAt } from "../json-values.ts";
import type { ValueBudget } from "../value-budget.ts";

/** Largest number of series and of points, which is enough for any graph. */
const MAX_SERIES = 1000;
const MAX_POINTS = 20_000;
/** Largest length, in characters, of texts that are parsed for each series. */
const MAX_TEXT = 10_000;

/** Returns the times of a query's points: from the start of the range, one step apart. */
function pointTimes({ range, intervalMs, maxDataPoints }: DataQuery): Float64Array {
  const { from, to } = range;
  const most = Math.min(MAX_POINTS, Math.max(1, maxDataPoints));
  const step = Math.max(1, intervalMs, (to - from) / most);
  const count = to < from ? 0 : Math.min(MAX_POINTS, Math.floor((to - from) / step) + 1);
  return Float64Array.from({ length: count }, (_, i) => Math.round(from + i * step));
}

/**
 * Returns a random number generator that always gives the same numbers for the same refId and series, so that graphs
 * can be compared.
 */
export function walkOf(refId: string, series: number): () => number {
  let seed = 2_166_136_261 ^ series;
  for (const char of refId) seed = Math.imul(seed ^ char.codePointAt(0)!, 16_777_619);
  return seededRandom(seed);
}

/**
 * Returns the values of a random walk between min and max. Each step is at most half of `spread` up or down; noise is
 * added.
 */
function walkValues(source: JsonObject, random: () => number, count: number): Float64Array {
  const [min, max] = [numberAt(source, "min") ?? -Infinity, numberAt(source, "max") ?? Infinity];
  const spread = numberAt(source, "spread") ?? 1;
  const noise = numberAt(source, "noise") ?? 0;
  const bounded = (value: number): number => Math.min(max, Math.max(min, value));
  const isBounded = Number.isFinite(min) && Number.isFinite(max);
  let value = numberAt(source, "startValue") ?? (isBounded ? min + random() * (max - min) : random() * 100);
  return Float64Array.from({ length: count }, () => {
    const shown = bounded(value + random() * noise * 2 - noise);
    value = bounded(value + (random() - 0.5) * spread);
    return shown;
  });
}

/**
 * Parses labels such as `a=b, c="d"`, with or without braces. `$seriesIndex` is replaced by the number of the series.
 */
export function labelsOf(text: string, series: number): Labels {
  const labels = Object.create(null) as Record<string, string>;
  const inside = text.slice(0, MAX_TEXT).trim().replace(/^\{/, "").replace(/\}$/, "");
  for (const pair of inside.split(",")) {
    const at = pair.indexOf("=");
    if (at <= 0) continue;
    const value = pair
      .slice(at + 1)
      .trim()
      .replaceAll(/^"|"$/g, "");
    labels[pair.slice(0, at).trim()] = value.replaceAll(/\$\{?seriesIndex\}?/g, String(series));
  }
  return labels;
}

/** Returns the frames of the scenario `random_walk`, one for each series. */
export function randomWalk(query: DataQuery, budget: ValueBudget): readonly Frame[] {
  const { refId, source } = query;
  const count = Math.min(MAX_SERIES, Math.max(0, Math.floor(numberAt(source, "seriesCount") ?? 1)));
  const times = pointTimes(query);
  budget.take(count * times.length);
  const given = textAt(source, "alias").slice(0, MAX_TEXT);
  return Array.from({ length: count }, (_, series): Frame => {
    const alias = given.replaceAll(/\$\{?seriesIndex\}?/g, String(series));
    const name = alias || (count > 1 ? `${refId}-series${series}` : `${refId}-series`);
    return {
      refId,
      name,
      length: times.length,
      meta: { type: "timeseries-multi" },
      fields: [
        { name: "time", type: "time", values: times, config: { interval: query.intervalMs } },
        {
          name,
          type: "number",
          values: walkValues(source, walkOf(refId, series), times.length),
          labels: labelsOf(textAt(source, "labels"), series),
          config: {},
        },
      ],
    };
  });
}

/** Returns the frame of the scenario `random_walk_table`: a walk with its bounds, and a word in each row. */
export function randomWalkTable(query: DataQuery, budget: ValueBudget): readonly Frame[] {
  const random = walkOf(query.refId, 0);
  const times = pointTimes(query);
  budget.take(times.length * 5);
  const values = walkValues(query.source, random, times.length);
  const states = ["UP", "DOWN", "WARN", "OK"];
  return [
    {
      refId: query.refId,
      length: times.length,
      meta: { type: "table" },
      fields: [
        { name: "Time", type: "time", values: times, config: {} },
        { name: "Value", type: "number", values, config: {} },
        { name: "Min", type: "number", values: values.map((value) => value - 1), config: {} },
        { name: "Max", type: "number", values: values.map((value) => value + 1), config: {} },
        {
          name: "Info",
          type: "string",
          values: Array.from(times, () => states[Math.floor(random() * states.length)]!),
          config: {},
        },
      ],
    },
  ];
}
