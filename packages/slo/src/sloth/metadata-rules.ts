import { formatFloat, formatPlain } from "@narthex/model";
import { DAY } from "../alert-windows.ts";
import { type GeneratedRule, joined, type Texts } from "../generated-rule.ts";
import type { SlothObjective } from "../objective.ts";
import { errorRatioMetric, identityLabels, selectorOf } from "./labels.ts";

const BUDGET = "slo:error_budget:ratio";
const PERIOD_BURN_RATE = "slo:period_burn_rate:ratio";
export const BUDGET_REMAINING = "slo:period_error_budget_remaining:ratio";
export const INFO = "sloth_slo_info";

/** Returns the rules that record the objective, its budget and its burn rates, as Sloth writes them. */
export function metadataRules(objective: SlothObjective, version: string): readonly GeneratedRule[] {
  const selector = selectorOf(identityLabels(objective));
  const labels = joined(identityLabels(objective), objective.labels);
  const rule = (record: string, expr: string): GeneratedRule => ({ record, expr, labels });
  const ratio = formatFloat(objective.objective / 100);
  const burnRate = (windowMs: number): string =>
    `${errorRatioMetric(windowMs)}${selector}\n` +
    `/ on(sloth_id, sloth_slo, sloth_service) group_left\n${BUDGET}${selector}\n`;
  return [
    rule("slo:objective:ratio", `vector(${ratio})`),
    rule(BUDGET, `vector(1-${ratio})`),
    rule("slo:time_period:days", `vector(${formatFloat(objective.windowMs / DAY)})`),
    rule("slo:current_burn_rate:ratio", burnRate(objective.windows.pageQuick.shortMs)),
    rule(PERIOD_BURN_RATE, burnRate(objective.windowMs)),
    rule(BUDGET_REMAINING, `1 - ${PERIOD_BURN_RATE}${selector}`),
    { record: INFO, expr: "vector(1)", labels: joined(labels, infoLabels(objective, version)) },
  ];
}

const infoLabels = ({ mode, spec, objective }: SlothObjective, version: string): Texts =>
  new Map([
    ["sloth_mode", mode],
    ["sloth_objective", formatPlain(objective)],
    ["sloth_spec", spec],
    ["sloth_version", version],
  ]);
