import type { Labels } from "@narthex/model";
import { AlertingRuleState } from "./alerting-rule-state.ts";
import type { LabelTexts, RuleSpec } from "./rule-spec.ts";

export type RuleHealth = "unknown" | "ok" | "err";

/** A rule at work: what it is, how its last evaluation went, and which series it last wrote. */
export class RunningRule {
  readonly spec: RuleSpec;
  /** Only of alerting rules. */
  readonly alertState: AlertingRuleState | undefined;
  health: RuleHealth = "unknown";
  lastError: string | undefined;
  /** Seconds. */
  evaluationTime = 0;
  /** ms since 1970, 0 before the first. */
  lastEvaluationMs = 0;
  /** Series of the last successful evaluation, by key. */
  series: ReadonlyMap<string, Labels> = new Map();

  constructor(spec: RuleSpec, restored: boolean) {
    this.spec = spec;
    this.alertState = spec.kind === "alerting" ? new AlertingRuleState(spec, restored) : undefined;
  }

  /** Name and labels: rules that agree in both hand their state on over a reload. */
  get identity(): string {
    return JSON.stringify([this.spec.kind, this.spec.name, ...textsOf(this.spec.labels)]);
  }

  /** Takes over where another rule left off. */
  adopt(other: RunningRule): void {
    this.series = other.series;
    if (this.alertState !== undefined && other.alertState !== undefined) this.alertState.adopt(other.alertState);
  }
}

const textsOf = (texts: LabelTexts): string[] => [...texts].flat();

/** All of a rule's definition as a text; equal for rules that need no restart. */
export function ruleIdentity(spec: RuleSpec): string {
  const shared = [spec.kind, spec.name, spec.query, textsOf(spec.labels)];
  return JSON.stringify(
    spec.kind === "alerting" ? [...shared, spec.forMs, spec.keepFiringForMs, textsOf(spec.annotations)] : shared,
  );
}
