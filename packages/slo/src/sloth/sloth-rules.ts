import type { GeneratedGroup } from "../generated-rule.ts";
import type { PluginStep, RuleParts, SlothObjective } from "../objective.ts";
import { alertRules } from "./alert-rules.ts";
import { averagedRule, countedRule, indicatorRules } from "./indicator-rules.ts";
import { metadataRules } from "./metadata-rules.ts";

/** Interval at which the error ratio of the whole window is computed from its events, ms. */
const PERIOD_INTERVAL_MS = 120_000;

/** Returns Sloth's standard steps: error ratios, metadata, alerts. */
const STANDARD_STEPS: readonly PluginStep[] = [recordRatios, recordMetadata, recordAlerts];

/** Writes the rules that record the error ratios. */
export function recordRatios(objective: SlothObjective, parts: RuleParts): void {
  const rules = indicatorRules(objective);
  if (!objective.isCounted) {
    parts.indicator = { ...parts.indicator, rules: [...rules, averagedRule(objective)] };
    return;
  }
  parts.indicator = { ...parts.indicator, rules };
  parts.period = { ...parts.period, rules: [countedRule(objective, objective.windowMs)] };
}

/** Writes the rules that record the objective, its budget and its burn rates. */
export function recordMetadata(objective: SlothObjective, parts: RuleParts, version: string): void {
  parts.metadata = { ...parts.metadata, rules: metadataRules(objective, version) };
}

/** Writes the alerts. */
export function recordAlerts(objective: SlothObjective, parts: RuleParts): void {
  parts.alerts = { ...parts.alerts, rules: alertRules(objective) };
}

/**
 * Returns the rule groups of an objective. Plugins with a negative priority run before the standard steps, other plugins
 * after them, in the order of their priorities.
 */
export function slothGroups(objective: SlothObjective, version: string): readonly GeneratedGroup[] {
  const id = `${objective.service}-${objective.name}`;
  const parts: RuleParts = {
    indicator: { name: `sloth-slo-sli-recordings-${id}`, rules: [] },
    period: { name: `sloth-slo-period-recordings-${id}`, intervalMs: PERIOD_INTERVAL_MS, rules: [] },
    metadata: { name: `sloth-slo-meta-recordings-${id}`, rules: [] },
    alerts: { name: `sloth-slo-alerts-${id}`, rules: [] },
  };
  const ordered = objective.plugins.toSorted((a, b) => a.priority - b.priority);
  const steps = [
    ...ordered.filter(({ priority }) => priority < 0).map(({ apply }) => apply),
    ...(objective.onlyPlugins ? [] : STANDARD_STEPS),
    ...ordered.filter(({ priority }) => priority >= 0).map(({ apply }) => apply),
  ];
  for (const step of steps) step(objective, parts, version);
  const { indicator, period, metadata, alerts } = parts;
  return [indicator, period, metadata, alerts].filter(({ rules }) => rules.length > 0);
}
