import { Labels, type Matcher } from "@narthex/model";
import type { WrittenSeries } from "./remote-write.ts";
import { type QueriedSeries, exampleTexts } from "./queried-series.ts";

const STEP_MS = 15_000;
/**
 * Number of series that are generated for each selector. Each series has another `instance` label; all metrics have the
 * same instances.
 */
const SERIES = 3;
const BOUNDS = ["0.1", "0.5", "1", "5", "+Inf"];
const QUANTILES = ["0.5", "0.9", "0.99"];

type ValueAt = (k: number) => number;

/** Returns the value of a label in the generated series number `i`, unless a query requires another value. */
function usualValue(label: string, i: number, queried: QueriedSeries): string {
  const preferred = queried.preferred.get(label);
  if (preferred !== undefined) return preferred[i % preferred.length]!;
  if (/^(?:instance|host|node|nodename|kubernetes_node|exported_instance)$/.test(label))
    return `host-${i}:${queried.port}`;
  if (label === "quantile") return QUANTILES[i]!;
  return `${label}-${i}`;
}

const isRefused = (matcher: Matcher, text: string): boolean => matcher.type.startsWith("!") && !matcher.matches(text);

function labelsOf(queried: QueriedSeries, matchers: readonly Matcher[], i: number): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const label of queried.labels)
    if (label !== "__name__" && label !== "le") labels[label] = usualValue(label, i, queried);
  for (const matcher of matchers) {
    const examples = exampleTexts(matcher);
    if (examples.length > 0) labels[matcher.name] = examples[i % examples.length]!;
    else if (matcher.type === "=" && matcher.value === "") delete labels[matcher.name];
    else if (isRefused(matcher, labels[matcher.name] ?? "")) labels[matcher.name] = "other";
  }
  return labels;
}

function valueAt(name: string, isCounter: boolean, i: number, endMs: number): ValueAt {
  if (isCounter) return (k) => k * (i + 2) * 3 + Math.floor(k / 7);
  if (/(?:_info|^up|_up|_status|_ready|_healthy|_created)$/.test(name)) return () => 1;
  if (/(?:start_time|boot_time|timestamp|created|expiry|time)_seconds$|_timestamp$/.test(name))
    return () => endMs / 1000 - 86_400 * (i + 1);
  const size = /bytes/.test(name) ? 2 ** 30 : /ratio|percent/.test(name) ? 0.01 : 1;
  return (k) => (60 + 10 * i + 30 * Math.sin(k / 20 + i)) * size;
}

/** Generates series for all selectors of a dashboard: growing counters, varying gauges and histogram buckets. */
export function madeUpSeries(
  queried: QueriedSeries,
  [start, end]: readonly [start: number, end: number],
): WrittenSeries[] {
  const timestamps = Array.from({ length: Math.floor((end - start) / STEP_MS) + 1 }, (_, k) => start + k * STEP_MS);
  const all = new Map<string, WrittenSeries>();
  const add = (name: string, labels: Record<string, string>, at: ValueAt): void => {
    const own = Labels.of({ ...labels, __name__: name });
    const values = Float64Array.from(timestamps, (_, k) => at(k));
    all.set(JSON.stringify([...own]), { labels: own, timestamps, values, histograms: [] });
  };
  for (const { name, matchers } of queried.selectors) {
    const isCounter = queried.counters.has(name) || /_(?:total|count|sum|bucket)$/.test(name);
    for (let i = 0; i < SERIES; i++) {
      const labels = labelsOf(queried, matchers, i);
      const at = valueAt(name, isCounter, i, end);
      if (!name.endsWith("_bucket")) add(name, labels, at);
      else for (const [b, le] of BOUNDS.entries()) add(name, { ...labels, le }, (k) => at(k) * (b + 1));
    }
  }
  return [...all.values()];
}
