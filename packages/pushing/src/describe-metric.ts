import type { MetricFamily } from "@narthex/exposition";
import { formatFloat, quote } from "@narthex/model";
import type { PushedMetric } from "./pushed-family.ts";

/** A type in the words of the protobuf schema. */
export const typeWord = (type: MetricFamily["type"]): string => {
  if (type === "unknown") return "UNTYPED";
  return type === "gaugehistogram" ? "GAUGE_HISTOGRAM" : type.toUpperCase();
};

/** A metric as Pushgateway's messages show it: protobuf's text form, two blanks between fields. */
export function describeMetric(type: MetricFamily["type"], metric: PushedMetric): string {
  const fields: string[] = [];
  for (let i = 0; i < metric.labels.length; i += 2)
    fields.push(`label:{name:${quote(metric.labels[i]!)}  value:${quote(metric.labels[i + 1]!)}}`);
  fields.push(describeValue(type, metric));
  return fields.join("  ");
}

function describeValue(type: MetricFamily["type"], { labels, samples }: PushedMetric): string {
  const part = (suffix: string, name: string): string[] => {
    const value = samples.findLast((sample) => sample.suffix === suffix)?.value;
    return value === undefined ? [] : [`${name}:${protoNumber(value)}`];
  };
  const totals = [...part("_count", "sample_count"), ...part("_sum", "sample_sum")];
  const parts = samples.filter((sample) => sample.labels.length > labels.length);
  if (type === "histogram" || type === "gaugehistogram") {
    const buckets = parts.map(
      (sample) =>
        `bucket:{cumulative_count:${protoNumber(sample.value)}  upper_bound:${protoWord(sample.labels.at(-1)!)}}`,
    );
    return `histogram:{${[...totals, ...buckets].join("  ")}}`;
  }
  if (type === "summary") {
    const quantiles = parts.map(
      (sample) => `quantile:{quantile:${protoWord(sample.labels.at(-1)!)}  value:${protoNumber(sample.value)}}`,
    );
    return `summary:{${[...totals, ...quantiles].join("  ")}}`;
  }
  return `${type === "unknown" ? "untyped" : type}:{value:${protoNumber(samples[0]?.value ?? 0)}}`;
}

const protoNumber = (value: number): string => protoWord(formatFloat(value));

/** Protobuf's text form writes the special values in lower case. */
const protoWord = (number: string): string => (/[IN]/.test(number) ? number.replace("+", "").toLowerCase() : number);
