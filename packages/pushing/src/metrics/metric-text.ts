import { type EscapingScheme, escapeName } from "@narthex/exposition";
import { formatFloat, isLegacyMetricName } from "@narthex/model";
import { SUMMARY, TYPE_WORDS, isHistogramType, GAUGE_HISTOGRAM, HISTOGRAM } from "./metric-type.ts";
import { readHistogram, readPlain, readSummary } from "./metric-value.ts";

/** A metric for output: sorted labels, and the value as protobuf. */
export interface MetricParts {
  /** Names and values alternately: name, value, name, value … */
  readonly labels: readonly string[];
  readonly value: Uint8Array;
}

/** Escapes a metric or label name according to the scheme. Classic names are unchanged. */
export const shownName = (name: string, scheme: EscapingScheme): string =>
  isLegacyMetricName(name) ? name : escapeName(name, scheme);

/** Returns the HELP and TYPE lines before the metrics with one name. */
export function familyHead(name: string, help: string | undefined, type: number, scheme: EscapingScheme): string {
  const shown = nameText(shownName(name, scheme));
  const helpLine = help === undefined ? "" : `# HELP ${shown} ${escapeHelp(help)}\n`;
  // Writes a gauge histogram as a histogram, because the text format has no type for it.
  return `${helpLine}# TYPE ${shown} ${TYPE_WORDS[(type === GAUGE_HISTOGRAM ? HISTOGRAM : type) as 0]}\n`;
}

/** Returns the lines of one metric in the text format, as Go's encoder prints them. */
export function metricLines(
  name: string,
  type: number,
  { labels, value }: MetricParts,
  scheme: EscapingScheme,
): string {
  const shown = shownName(name, scheme);
  const isPlain = isLegacyMetricName(shown);
  const pairs = labelText(labels, scheme);
  const line = (suffix: string, part: string, number: number): string => {
    const inside = part === "" ? pairs : pairs === "" ? part : `${pairs},${part}`;
    const series = isPlain
      ? `${shown}${suffix}${inside === "" ? "" : `{${inside}}`}`
      : `{${nameText(shown + suffix)}${inside === "" ? "" : `,${inside}`}}`;
    return `${series} ${numberText(number)}\n`;
  };
  if (type === SUMMARY) return summaryLines(value, line);
  if (isHistogramType(type)) return histogramLines(value, line);
  return line("", "", readPlain(value, type) ?? 0);
}

type WriteLine = (suffix: string, part: string, value: number) => string;

function summaryLines(value: Uint8Array, line: WriteLine): string {
  const { count, sum, quantiles } = readSummary(value);
  let out = "";
  for (const one of quantiles) out += line("", `quantile="${numberText(one.quantile)}"`, one.value);
  return out + line("_sum", "", sum) + line("_count", "", Number(count));
}

function histogramLines(value: Uint8Array, line: WriteLine): string {
  const histogram = readHistogram(value);
  const count = histogram.countFloat === 0 ? Number(histogram.count) : histogram.countFloat;
  let out = "";
  let hasInfinite = false;
  for (const bucket of histogram.buckets) {
    const below = bucket.countFloat === 0 ? Number(bucket.count) : bucket.countFloat;
    out += line("_bucket", `le="${numberText(bucket.bound)}"`, below);
    hasInfinite ||= bucket.bound === Infinity;
  }
  if (!hasInfinite) out += line("_bucket", 'le="+Inf"', count);
  return out + line("_sum", "", histogram.sum) + line("_count", "", count);
}

/** Formats a number for the text format. Negative zero becomes 0. */
const numberText = (value: number): string => (value === 0 ? "0" : formatFloat(value));

const nameText = (name: string): string => (isLegacyMetricName(name) ? name : `"${escapeValue(name)}"`);

function labelText(labels: readonly string[], scheme: EscapingScheme): string {
  let out = "";
  for (let i = 0; i < labels.length; i += 2) {
    const name = shownName(labels[i]!, scheme);
    const shown = isLegacyMetricName(name) ? name : `"${escapeValue(name)}"`;
    out += `${i === 0 ? "" : ","}${shown}="${escapeValue(labels[i + 1]!)}"`;
  }
  return out;
}

const escapeHelp = (text: string): string =>
  /[\\\n]/.test(text) ? text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n") : text;

const escapeValue = (text: string): string => (/[\\\n"]/.test(text) ? escapeHelp(text).replaceAll('"', '\\"') : text);
