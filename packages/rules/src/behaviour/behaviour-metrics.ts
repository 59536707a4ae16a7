import { family, type FamilySample, type MetricFamily, sample } from "@narthex/exposition";
import type { SelfMetrics } from "@narthex/http";
import type { Alert, HeldBy } from "../alert.ts";
import type { BehaviourState } from "./behaviour-state.ts";

/** The parts of a rule group that the metrics of behaviours need. */
interface MeasuredGroup {
  readonly key: string;
  readonly rules: readonly {
    readonly alertState:
      | { readonly behaviour: BehaviourState | undefined; readonly activeAlerts: readonly Alert[] }
      | undefined;
  }[];
}

const REASONS: readonly HeldBy[] = ["no_data", "recovery", "damping"];

/** Registers the metrics of behaviours. A server without behaviours does not have these metrics. */
export function behaviourMetrics(metrics: SelfMetrics, groups: () => readonly MeasuredGroup[]): void {
  metrics.addAlwaysShown(() => behaviourFamilies(groups()));
}

function behaviourFamilies(groups: readonly MeasuredGroup[]): MetricFamily[] {
  const [held, total]: [FamilySample[], FamilySample[]] = [[], []];
  for (const { key, rules } of groups) {
    const states = rules.flatMap(({ alertState }) => (alertState?.behaviour === undefined ? [] : [alertState]));
    if (states.length === 0) continue;
    for (const reason of REASONS) {
      const labels = { rule_group: key, reason };
      const now = states.flatMap(({ activeAlerts }) => activeAlerts).filter(({ heldBy }) => heldBy === reason);
      held.push(sample(now.length, labels));
      total.push(
        sample(
          states.reduce((sum, { behaviour }) => sum + behaviour!.held[reason], 0),
          labels,
        ),
      );
    }
  }
  if (held.length === 0) return [];
  return [
    family(
      "gauge",
      "narthex_rule_held_alerts",
      "Alerts that a behaviour holds although their rule does not return them.",
      held,
    ),
    family("counter", "narthex_rule_alerts_held_total", "How often a behaviour began to hold an alert.", total),
  ];
}
