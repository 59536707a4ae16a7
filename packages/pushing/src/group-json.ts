import { goJson } from "@narthex/http";
import { compareBytewise, formatFloat } from "@narthex/model";
import { typeWord } from "./describe-metric.ts";
import type { Group } from "./groups.ts";
import { PUSH_FAILURE_TIME, PUSH_TIME } from "./push-times.ts";
import type { PushedFamily, PushedMetric } from "./pushed-family.ts";
import { formatRfc3339Nano } from "./rfc3339.ts";

/** JSON of a map with its keys in byte order, as Go prints maps; a JavaScript object would put "1" before "+Inf". */
const mapText = (entries: Iterable<readonly [key: string, json: string]>): string =>
  `{${[...entries]
    .toSorted((a, b) => compareBytewise(a[0], b[0]))
    .map(([key, json]) => `${goJson(key)}:${json}`)
    .join(",")}}`;

/** A group as /api/v1/metrics shows it: its families by name, beside its labels and whether its last push was good. */
export function groupJson({ labels, families }: Group): string {
  const shown = new Map([...families.values()].map((family) => [family.name, familyJson(family)]));
  const at = (name: string): number => families.get(name)?.metrics[0]?.samples[0]?.value ?? 0;
  shown.set("labels", mapText(labels.map(([name, value]) => [name, goJson(value)])));
  shown.set("last_push_successful", String(at(PUSH_FAILURE_TIME) <= at(PUSH_TIME)));
  return mapText(shown);
}

function familyJson(family: PushedFamily): string {
  const help = family.help === undefined || family.help === "" ? "" : `"help":${goJson(family.help)},`;
  const metrics = family.metrics.map((metric) => metricJson(family.type, metric)).join(",");
  const time = formatRfc3339Nano(family.pushedAtMs);
  return `{"time_stamp":"${time}","type":"${typeWord(family.type)}",${help}"metrics":[${metrics}]}`;
}

function metricJson(type: PushedFamily["type"], metric: PushedMetric): string {
  const labels = labelsJson(metric.labels);
  if (type !== "summary" && type !== "histogram" && type !== "gaugehistogram")
    return `{"labels":${labels},"value":"${formatFloat(metric.samples[0]!.value)}"}`;
  const last = (suffix: string): number => metric.samples.findLast((sample) => sample.suffix === suffix)?.value ?? 0;
  const count = `"count":"${wholeNumber(last("_count"))}"`;
  const sum = `"sum":"${formatFloat(last("_sum"))}"`;
  const print = type === "summary" ? formatFloat : wholeNumber;
  const parts = mapText(
    new Map(
      metric.samples
        .filter((sample) => sample.labels.length > metric.labels.length)
        .map((sample) => [sample.labels.at(-1)!, `"${print(sample.value)}"`]),
    ),
  );
  if (type === "summary") return `{${count},"labels":${labels},"quantiles":${parts},${sum}}`;
  return `{"buckets":${parts},${count},"labels":${labels},${sum}}`;
}

function labelsJson(pairs: readonly string[]): string {
  const entries: (readonly [string, string])[] = [];
  for (let i = 0; i < pairs.length; i += 2) entries.push([pairs[i]!, goJson(pairs[i + 1]!)]);
  return mapText(entries);
}

/** Counts print without an exponent. */
const wholeNumber = (value: number): string => (Number.isSafeInteger(value) ? String(value) : formatFloat(value));
