import type { SelfMetrics } from "@narthex/http";
import { family, sample, type FamilySample, type MetricFamily } from "@narthex/exposition";

/**
 * Measurements of one rule group, for metrics and the API. Durations are in seconds unless the name has another unit.
 */
export interface GroupNumbers {
  evaluations: number;
  failures: number;
  iterations: number;
  missed: number;
  lastDuration: number;
  lastRuleSum: number;
  lastRestore: number;
  /** Time of the last evaluation, Unix ms; 0 before the first evaluation. */
  lastEvaluationMs: number;
  lastSamples: number;
}

export const zeroNumbers = (): GroupNumbers => ({
  evaluations: 0,
  failures: 0,
  iterations: 0,
  missed: 0,
  lastDuration: 0,
  lastRuleSum: 0,
  lastRestore: 0,
  lastEvaluationMs: 0,
  lastSamples: 0,
});

/** The properties of a rule group that its metrics need. */
export interface MeasuredGroup {
  readonly key: string;
  readonly intervalMs: number;
  readonly ruleCount: number;
  readonly numbers: Readonly<GroupNumbers>;
}

/** Receives the durations and results of rule evaluations. Durations are in seconds. */
export interface RuleObserver {
  rule(seconds: number): void;
  group(seconds: number): void;
  /** Records that a template of a label or annotation was rendered. `hasFailed` is true if rendering failed. */
  expansion(hasFailed: boolean): void;
}

/**
 * Registers the rules' metrics with Prometheus' names. The metrics of the groups are created from `groups` at each
 * scrape.
 */
export function ruleMetrics(metrics: SelfMetrics, groups: () => readonly MeasuredGroup[]): RuleObserver {
  const rule = metrics.summary(
    "prometheus_rule_evaluation_duration_seconds",
    "The duration for a rule to execute.",
    [0.5, 0.9, 0.99],
  );
  const group = metrics.summary(
    "prometheus_rule_group_duration_seconds",
    "The duration of rule group evaluations.",
    [0.01, 0.05, 0.5, 0.9, 0.99],
  );
  const expansions = metrics.counter(
    "prometheus_template_text_expansions_total",
    "The total number of template text expansions.",
  );
  const failures = metrics.counter(
    "prometheus_template_text_expansion_failures_total",
    "The total number of template text expansion failures.",
  );
  metrics.addSource(() => groupFamilies(groups()));
  return {
    rule: (seconds) => rule.observe(seconds),
    group: (seconds) => group.observe(seconds),
    expansion(hasFailed) {
      expansions.inc();
      if (hasFailed) failures.inc();
    },
  };
}

function groupFamilies(groups: readonly MeasuredGroup[]): MetricFamily[] {
  const rows = (read: (group: MeasuredGroup) => number): FamilySample[] =>
    groups.map((group) => sample(read(group), { rule_group: group.key }));
  const counter = (name: string, help: string, read: (group: MeasuredGroup) => number): MetricFamily =>
    family("counter", `prometheus_rule_${name}`, help, rows(read));
  const gauge = (name: string, help: string, read: (group: MeasuredGroup) => number): MetricFamily =>
    family("gauge", `prometheus_rule_group_${name}`, help, rows(read));
  return [
    counter("evaluations_total", "The total number of rule evaluations.", ({ numbers }) => numbers.evaluations),
    counter(
      "evaluation_failures_total",
      "The total number of rule evaluation failures.",
      ({ numbers }) => numbers.failures,
    ),
    counter(
      "group_iterations_total",
      "The total number of scheduled rule group evaluations, whether executed or missed.",
      ({ numbers }) => numbers.iterations,
    ),
    counter(
      "group_iterations_missed_total",
      "The total number of rule group evaluations missed due to slow rule group evaluation.",
      ({ numbers }) => numbers.missed,
    ),
    gauge("interval_seconds", "The interval of a rule group.", ({ intervalMs }) => intervalMs / 1000),
    gauge("rules", "The number of rules.", ({ ruleCount }) => ruleCount),
    gauge(
      "last_duration_seconds",
      "The duration of the last rule group evaluation.",
      ({ numbers }) => numbers.lastDuration,
    ),
    gauge(
      "last_rule_duration_sum_seconds",
      "The sum of time in seconds it took to evaluate each rule in the group regardless of concurrency. This should be higher than the group duration if rules are evaluated concurrently.",
      ({ numbers }) => numbers.lastRuleSum,
    ),
    gauge(
      "last_restore_duration_seconds",
      "The duration of the last alert rules alerts restoration using the `ALERTS_FOR_STATE` series across all rule groups in seconds.",
      ({ numbers }) => numbers.lastRestore,
    ),
    gauge(
      "last_evaluation_timestamp_seconds",
      "The timestamp of the last rule group evaluation in seconds.",
      ({ numbers }) => numbers.lastEvaluationMs / 1000,
    ),
    gauge(
      "last_evaluation_samples",
      "The number of samples returned during the last rule group evaluation.",
      ({ numbers }) => numbers.lastSamples,
    ),
  ];
}
