import { goJson } from "@narthex/http";
import { compareBytewise, formatFloat } from "@narthex/model";
import type { Group } from "../groups/groups.ts";
import { PUSH_FAILURE_TIME, PUSH_TIME, timeIn } from "../groups/push-times.ts";
import type { MetricParts } from "../metrics/metric-text.ts";
import { HISTOGRAM, SUMMARY, TYPE_NAMES } from "../metrics/metric-type.ts";
import { readHistogram, readPlain, readSummary } from "../metrics/metric-value.ts";
import { nativeBuckets } from "../metrics/native-buckets.ts";
import { type StoredFamily, storedMetrics } from "../metrics/stored-family.ts";

/**
 * Returns a JSON object whose keys are in byte order, as Go prints maps. A JavaScript object would put the key "1"
 * before "+Inf".
 */
const mapText = (entries: Iterable<readonly [key: string, json: string]>): string =>
  `{${[...entries]
    .toSorted((a, b) => compareBytewise(a[0], b[0]))
    .map(([key, json]) => `${goJson(key)}:${json}`)
    .join(",")}}`;

/**
 * Returns the JSON of a group of pushed metrics for /api/v1/metrics: metrics by name, labels, and whether the last push
 * succeeded.
 */
export function groupJson({ labels, families, expiresAtMs }: Group): string {
  const shown = new Map([...families.values()].map((family) => [family.name, familyJson(family)]));
  const isGood = timeIn(families.get(PUSH_FAILURE_TIME)) <= timeIn(families.get(PUSH_TIME));
  if (expiresAtMs !== undefined && !shown.has("expires_at"))
    shown.set("expires_at", `"${formatRfc3339Nano(expiresAtMs)}"`);
  if (!shown.has("labels")) shown.set("labels", mapText(labels.map(([name, value]) => [name, goJson(value)])));
  if (!shown.has("last_push_successful")) shown.set("last_push_successful", String(isGood));
  return mapText(shown);
}

/**
 * Cached JSON of the metrics with one name in a group. The cache helps, because pages with many groups are reloaded
 * every few seconds.
 */
const SHOWN = new WeakMap<StoredFamily, string>();

function familyJson(family: StoredFamily): string {
  let json = SHOWN.get(family);
  if (json === undefined) SHOWN.set(family, (json = writeFamily(family)));
  return json;
}

function writeFamily(family: StoredFamily): string {
  const help = family.help === undefined || family.help === "" ? "" : `"help":${goJson(family.help)},`;
  const metrics = storedMetrics(family)
    .map((metric) => metricJson(family.type, metric))
    .join(",");
  const time = formatRfc3339Nano(family.pushedAtMs);
  return `{"time_stamp":"${time}","type":"${TYPE_NAMES[family.type as 0]}",${help}"metrics":[${metrics}]}`;
}

function metricJson(type: number, { labels, value }: MetricParts): string {
  const shown = labelsJson(labels);
  if (type === SUMMARY) {
    const { count, sum, quantiles } = readSummary(value);
    const parts = mapText(new Map(quantiles.map((one) => [formatFloat(one.quantile), `"${formatFloat(one.value)}"`])));
    return `{"count":"${count}","labels":${shown},"quantiles":${parts},"sum":"${formatFloat(sum)}"}`;
  }
  if (type === HISTOGRAM) return histogramJson(value, shown);
  // Uses the value of the first type that is present: gauge, counter, untyped.
  const number = [1, 0, 3].map((one) => readPlain(value, one)).find((one) => one !== undefined) ?? 0;
  return `{"labels":${shown},"value":"${formatFloat(number)}"}`;
}

function histogramJson(value: Uint8Array, labels: string): string {
  const histogram = readHistogram(value);
  const text = (count: bigint, float: number): string => (float > 0 ? formatFloat(float) : String(count));
  const native = nativeBuckets(histogram);
  const buckets =
    native === undefined
      ? mapText(
          new Map(histogram.buckets.map((one) => [formatFloat(one.bound), `"${text(one.count, one.countFloat)}"`])),
        )
      : `[${native.buckets.map(([sides, ...rest]) => `[${sides},${rest.map((one) => `"${one}"`).join(",")}]`).join(",")}]`;
  const count = native?.count ?? text(histogram.count, histogram.countFloat);
  return `{"buckets":${buckets},"count":"${count}","labels":${labels},"sum":"${formatFloat(histogram.sum)}"}`;
}

function labelsJson(pairs: readonly string[]): string {
  const entries = new Map<string, string>();
  for (let i = 0; i < pairs.length; i += 2) entries.set(pairs[i]!, goJson(pairs[i + 1]!));
  return mapText(entries);
}

/** Formats a time in UTC like Go's RFC3339Nano, without trailing zeros of the fraction. */
export function formatRfc3339Nano(ms: number): string {
  const whole = Math.floor(ms / 1000);
  const nanoseconds = Math.min(999_999_999, Math.round((ms - whole * 1000) * 1e6));
  const seconds = new Date(whole * 1000).toISOString().slice(0, 19);
  const fraction = String(nanoseconds).padStart(9, "0").replace(/0+$/, "");
  return `${seconds}${fraction === "" ? "" : `.${fraction}`}Z`;
}
