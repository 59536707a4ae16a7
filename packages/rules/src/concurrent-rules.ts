import { type Matcher, METRIC_NAME } from "@narthex/model";
import { walk } from "@narthex/promql";
import { templateQueries } from "./rule-template.ts";
import { expressionsOf, type RuleSpec } from "./rule-spec.ts";

const ALERT_SERIES = ["ALERTS", "ALERTS_FOR_STATE"];
const ALERT_NAME = "alertname";

/** A selector of an expression that has a matcher for the metric name. */
interface NamedSelector {
  readonly metric: Matcher;
  readonly matchers: readonly Matcher[];
}

/**
 * Divides the rules of a group into batches as Prometheus does. Returns the indexes of the rules of each batch. The
 * rules of a batch may be evaluated concurrently; a batch ends before the next batch begins. The first batch contains
 * the rules that depend on no other rule. Then each rule that depends on another rule and on which another rule depends
 * is a batch of its own, and the last batch contains the remaining rules. A rule depends on each earlier rule that it
 * reads, that reads it, or that writes the same series. A rule therefore sees the samples of earlier rules from the
 * same evaluation, but no samples of later rules.
 */
export function concurrentBatches(rules: readonly RuleSpec[]): readonly (readonly number[])[] {
  const reads = rules.map(selectorsOf);
  const places = [...rules.keys()];
  if (!isComplete(reads)) return places.map((i) => [i]);
  const waits = new Set<number>();
  const isWaitedFor = new Set<number>();
  for (const later of places) {
    for (let earlier = 0; earlier < later; earlier++) {
      const [one, other] = [rules[earlier]!, rules[later]!];
      if (!isRead(one, reads[later]!) && !isRead(other, reads[earlier]!) && !writeSameSeries(one, other)) continue;
      waits.add(later);
      isWaitedFor.add(earlier);
    }
  }
  const first = places.filter((i) => !waits.has(i));
  const between = places.filter((i) => waits.has(i) && isWaitedFor.has(i));
  const last = places.filter((i) => waits.has(i) && !isWaitedFor.has(i));
  return [first, ...between.map((i) => [i]), last].filter(({ length }) => length > 0);
}

/**
 * Returns a function that reports whether a rule may read series that another rule writes. A rule with a selector
 * without a metric name, or with a template that queries, may read all series.
 */
export function readsOf(reader: RuleSpec): (writer: RuleSpec) => boolean {
  const selectors = selectorsOf(reader);
  return (writer) => selectors === undefined || isRead(writer, selectors);
}

/** Returns whether it is known for every rule which metrics the rule reads. */
const isComplete = (
  reads: readonly (readonly NamedSelector[] | undefined)[],
): reads is readonly (readonly NamedSelector[])[] => !reads.includes(undefined);

/** Returns the selectors in a rule's expression, or undefined if the rule may read any metric. */
function selectorsOf(rule: RuleSpec): readonly NamedSelector[] | undefined {
  if (rule.kind === "alerting" && [...rule.labels, ...rule.annotations].some(([, text]) => templateQueries(text))) {
    return undefined;
  }
  const selectors: NamedSelector[] = [];
  let isKnown = true;
  for (const expr of expressionsOf(rule))
    walk(expr, (node) => {
      if (node.kind !== "vectorSelector") return;
      const { matchers } = node;
      const metric = matchers.find((matcher) => matcher.name === METRIC_NAME);
      if (metric === undefined) isKnown = false;
      else selectors.push({ metric, matchers });
    });
  return isKnown ? selectors : undefined;
}

const isRead = (rule: RuleSpec, selectors: readonly NamedSelector[]): boolean =>
  selectors.some((selector) => isSelected(rule, selector));

/**
 * Returns whether a selector may select series that a rule writes. As in Prometheus, the name of an alert counts as a
 * metric name.
 */
function isSelected({ kind, name }: RuleSpec, { metric, matchers }: NamedSelector): boolean {
  if (metric.matches(name)) return true;
  if (kind !== "alerting" || !ALERT_SERIES.some((series) => metric.matches(series))) return false;
  return matchers.find((matcher) => matcher.name === ALERT_NAME)?.matches(name) ?? true;
}

/**
 * Reports whether two rules may write samples of the same series. If two rules write a sample with the same series and
 * time, only the first sample is stored.
 */
const writeSameSeries = (one: RuleSpec, other: RuleSpec): boolean => one.kind === other.kind && one.name === other.name;
