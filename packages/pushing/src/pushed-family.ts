import type { FamilySample, MetricFamily } from "@narthex/exposition";
import { compareBytewise } from "@narthex/model";
import type { GroupLabels } from "./group-key.ts";

/** One metric of a family: a histogram's buckets, sum and count are one. */
export interface PushedMetric {
  /** name, value … sorted by name, without `le` and `quantile`. */
  readonly labels: readonly string[];
  readonly samples: readonly FamilySample[];
}

/** A family as a group holds it: with the group's labels, and what it is known by among all groups. */
export interface PushedFamily {
  readonly name: string;
  readonly help: string | undefined;
  readonly type: MetricFamily["type"];
  readonly metrics: readonly PushedMetric[];
  /** Identity of each metric, in the order of `metrics`. */
  readonly keys: readonly string[];
  /** When it was pushed, ms since 1970. */
  readonly pushedAtMs: number;
}

const SEPARATOR = "\ud800";

/** The label that tells the samples of one metric apart, where a type has one. */
function partLabel(type: MetricFamily["type"]): string | undefined {
  if (type === "summary") return "quantile";
  return type === "histogram" || type === "gaugehistogram" ? "le" : undefined;
}

/**
 * A pushed family as it is kept: the group's labels win over same-named ones, `instance` is there even if empty (so that
 * Prometheus does not add its own), labels are sorted.
 */
export function pushedFamily(family: MetricFamily, group: GroupLabels, pushedAtMs: number): PushedFamily {
  const part = partLabel(family.type);
  const all: { labels: readonly string[]; samples: FamilySample[] }[] = [];
  const byExposed = new Map<string, (typeof all)[number]>();
  for (const sample of family.samples) {
    const { own, last } = labelled(sample.labels, group, part);
    const kept = { ...sample, labels: last.length === 0 ? own : [...own, ...last] };
    // What was exposed as two metrics stays two, even if the group's labels make them alike: the check must see that.
    const exposed = part === undefined ? undefined : withoutPart(sample.labels, part).join(SEPARATOR);
    const known = exposed === undefined ? undefined : byExposed.get(exposed);
    if (known !== undefined) known.samples.push(kept);
    else all.push({ labels: own, samples: [kept] });
    if (known === undefined && exposed !== undefined) byExposed.set(exposed, all.at(-1)!);
  }
  return {
    name: family.name,
    help: family.help,
    type: family.type,
    metrics: all,
    keys: all.map(({ labels }) => metricKey(family.name, labels)),
    pushedAtMs,
  };
}

const withoutPart = (labels: readonly string[], part: string): string[] => {
  const pairs: string[] = [];
  for (let i = 0; i < labels.length; i += 2) {
    if (labels[i] !== part) pairs.push(`${labels[i]!}${SEPARATOR}${labels[i + 1]!}`);
  }
  return pairs.toSorted(compareBytewise);
};

/** Identity of a metric among all groups. */
const metricKey = (name: string, labels: readonly string[]): string => `${name}${SEPARATOR}${labels.join(SEPARATOR)}`;

function labelled(
  labels: readonly string[],
  group: GroupLabels,
  part: string | undefined,
): { own: readonly string[]; last: readonly string[] } {
  const pairs: (readonly [string, string])[] = [...group];
  const fixed = new Set(group.map(([name]) => name));
  let last: readonly string[] = [];
  let hasInstance = fixed.has("instance");
  for (let i = 0; i < labels.length; i += 2) {
    const name = labels[i]!;
    if (name === part) last = [name, labels[i + 1]!];
    else if (!fixed.has(name)) pairs.push([name, labels[i + 1]!]);
    hasInstance ||= name === "instance";
  }
  if (!hasInstance) pairs.push(["instance", ""]);
  return { own: pairs.toSorted((a, b) => compareBytewise(a[0], b[0])).flat(), last };
}

/** The samples of a metric as a Go client prints them: buckets with +Inf, or quantiles, then sum and count. */
export function printedSamples(type: MetricFamily["type"], { labels, samples }: PushedMetric): readonly FamilySample[] {
  const part = partLabel(type);
  if (part === undefined) return samples;
  const find = (suffix: string): FamilySample | undefined => samples.findLast((sample) => sample.suffix === suffix);
  const count = find("_count") ?? { suffix: "_count", labels, value: 0 };
  const sum = find("_sum") ?? { suffix: "_sum", labels, value: 0 };
  const parts = samples.filter((sample) => sample.labels.length > labels.length);
  if (part === "le" && !parts.some((sample) => sample.labels.at(-1) === "+Inf"))
    parts.push({ suffix: "_bucket", labels: [...labels, "le", "+Inf"], value: count.value });
  return [...parts, sum, count];
}
