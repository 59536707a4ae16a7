import { compareBytewise, formatOpenMetricsFloat, isLegacyMetricName, parseGoFloat } from "@narthex/model";
import type { FamilySample, MetricFamily } from "../family.ts";
import { partLabel } from "./metric-group.ts";
import { escapeValue, seriesText } from "./write-text.ts";

/**
 * Returns OpenMetrics 1.0 text: families sorted by name, counters with `_total`, times in seconds, `# EOF` at the end.
 */
export function writeOpenMetrics(families: Iterable<MetricFamily>): string {
  let out = "";
  for (const family of [...families].toSorted((a, b) => compareBytewise(a.name, b.name))) out += familyText(family);
  return `${out}# EOF\n`;
}

function familyText(family: MetricFamily): string {
  if (family.samples.length === 0) return "";
  const bare = family.type === "counter" ? family.name.replace(/_total$/, "") : family.name;
  const name = isLegacyMetricName(bare) ? bare : `"${escapeValue(bare)}"`;
  let out = family.help === undefined ? "" : `# HELP ${name} ${escapeValue(family.help)}\n`;
  out += `# TYPE ${name} ${family.type}\n`;
  if (family.unit !== undefined && family.unit !== "") out += `# UNIT ${name} ${family.unit}\n`;
  const part = partLabel(family);
  for (const sample of family.samples) out += sampleText(bare, family, sample, part);
  return out;
}

function sampleText(bare: string, family: MetricFamily, sample: FamilySample, part: string | undefined): string {
  const suffix = family.type === "counter" && sample.suffix === "" ? "_total" : sample.suffix;
  const labels = part === undefined ? sample.labels : withCanonicalBound(sample.labels, part);
  const time = sample.timestampMs === undefined ? "" : ` ${secondsText(sample.timestampMs)}`;
  const whole = suffix === "_count" || suffix === "_bucket" || suffix === "_gcount";
  const value =
    whole && Number.isSafeInteger(sample.value) ? String(sample.value) : formatOpenMetricsFloat(sample.value);
  return `${seriesText(bare + suffix, labels)} ${value}${time}\n`;
}

function withCanonicalBound(labels: readonly string[], part: string): string[] {
  return labels.map((text, i) => {
    const bound = i % 2 === 1 && labels[i - 1] === part ? parseGoFloat(text) : undefined;
    return bound === undefined ? text : formatOpenMetricsFloat(bound);
  });
}

/** Converts milliseconds to a text in seconds, with the decimals that it needs. */
const secondsText = (ms: number): string => (ms % 1000 === 0 ? `${ms / 1000}.0` : String(ms / 1000));
