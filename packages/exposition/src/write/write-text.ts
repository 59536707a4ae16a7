import { compareBytewise, formatFloat, isLegacyLabelName, isLegacyMetricName } from "@narthex/model";
import type { FamilySample, MetricFamily, MetricType } from "../family.ts";

/** Names of types in the text format 0.0.4, which has only five types. */
const TYPE_WORDS: Readonly<Record<MetricType, string>> = {
  counter: "counter",
  gauge: "gauge",
  histogram: "histogram",
  gaugehistogram: "histogram",
  summary: "summary",
  info: "gauge",
  stateset: "gauge",
  unknown: "untyped",
};

/**
 * Returns the text format 0.0.4 as Go's expfmt prints it. Families are sorted by name, and samples stay in the given
 * order; `gather` sorts them.
 */
export function writeText(families: Iterable<MetricFamily>): string {
  let out = "";
  for (const family of sortedByName(families)) out += familyText(family);
  return out;
}

/** Returns families in byte order of their names, with a stable order for equal names. */
export const sortedByName = (families: Iterable<MetricFamily>): MetricFamily[] =>
  [...families].toSorted((a, b) => compareBytewise(a.name, b.name));

export function familyHead(family: MetricFamily): string {
  const name = isLegacyMetricName(family.name) ? family.name : `"${escapeValue(family.name)}"`;
  const help = family.help === undefined ? "" : `# HELP ${name} ${escapeHelp(family.help)}\n`;
  return `${help}# TYPE ${name} ${TYPE_WORDS[family.type]}\n`;
}

/** Returns one family with its HELP and TYPE lines, or "" for a family without samples. */
function familyText(family: MetricFamily): string {
  if (family.samples.length === 0) return "";
  let out = familyHead(family);
  for (const sample of family.samples) out += sampleText(family.name, sample);
  return out;
}

export function sampleText(family: string, sample: FamilySample): string {
  const time = sample.timestampMs === undefined ? "" : ` ${sample.timestampMs}`;
  return `${seriesText(family + sample.suffix, sample.labels)} ${valueText(sample.value)}${time}\n`;
}

/** Returns name and labels: `name{a="b"}`, or `{"odd name",a="b"}` if the name is not an identifier. */
export function seriesText(name: string, labels: readonly string[]): string {
  const plain = isLegacyMetricName(name);
  if (labels.length === 0) return plain ? name : `{"${escapeValue(name)}"}`;
  let out = plain ? `${name}{` : `{"${escapeValue(name)}",`;
  for (let i = 0; i < labels.length; i += 2) {
    const label = labels[i]!;
    out += i > 0 ? "," : "";
    out += `${isLegacyLabelName(label) ? label : `"${escapeValue(label)}"`}="${escapeValue(labels[i + 1]!)}"`;
  }
  return `${out}}`;
}

/**
 * Returns the text of a sample's value as Go prints it. Between 1e-4 and 1e6, JavaScript prints the same digits as Go.
 */
export function valueText(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return "0";
  return size >= 1e-4 && size < 1e6 ? String(value) : formatFloat(value);
}

/** Escapes backslash and newline, as in HELP texts. */
const escapeHelp = (text: string): string =>
  /[\\\n]/.test(text) ? text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n") : text;

/** Escapes backslash, newline and double quote, as in label values and quoted names. */
export const escapeValue = (text: string): string =>
  /[\\\n"]/.test(text) ? text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"') : text;
