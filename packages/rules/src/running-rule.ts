import { AlertingRuleState } from "./alerting-rule-state.ts";
import { RecordedLabels } from "./recording.ts";
import { behaviourIdentity } from "./behaviour/alert-behaviour.ts";
import type { LabelTexts, RuleSpec } from "./rule-spec.ts";
import { WrittenSeries } from "./written-series.ts";

export type RuleHealth = "unknown" | "ok" | "err";

/**
 * A rule with the state of its evaluation: its definition, the result of the last evaluation, and the series that this
 * evaluation wrote.
 */
export class RunningRule {
  readonly spec: RuleSpec;
  readonly alertState: AlertingRuleState | undefined;
  readonly recordedLabels: RecordedLabels | undefined;
  health: RuleHealth = "unknown";
  lastError: string | undefined;
  /** Duration of the last evaluation in seconds. */
  evaluationTime = 0;
  /** Time of the last evaluation, Unix ms; 0 before the first evaluation. */
  lastEvaluationMs = 0;
  /** Series that the last successful evaluation wrote. */
  series = WrittenSeries.NONE;

  constructor(spec: RuleSpec, restored: boolean) {
    this.spec = spec;
    this.alertState = spec.kind === "alerting" ? new AlertingRuleState(spec, restored) : undefined;
    this.recordedLabels = spec.kind === "recording" ? new RecordedLabels(spec) : undefined;
  }

  /**
   * Kind, name and labels of the rule as a text. After a reload, a rule takes over the state of the earlier rule with
   * an equal text.
   */
  get identity(): string {
    return JSON.stringify([this.spec.kind, this.spec.name, ...textsOf(this.spec.labels)]);
  }

  /** Takes over the state of the same rule from before a reload. */
  adopt(other: RunningRule): void {
    this.series = other.series;
    if (this.alertState !== undefined && other.alertState !== undefined) this.alertState.adopt(other.alertState);
  }
}

const textsOf = (texts: LabelTexts): string[] => [...texts].flat();

/** Returns the complete definition of a rule as a text. A rule whose text is unchanged needs no restart. */
export function ruleIdentity(spec: RuleSpec): string {
  const shared = [spec.kind, spec.name, spec.query, textsOf(spec.labels)];
  return JSON.stringify(
    spec.kind === "alerting"
      ? [
          ...shared,
          spec.forMs,
          spec.keepFiringForMs,
          textsOf(spec.annotations),
          ...(spec.behaviour === undefined ? [] : [behaviourIdentity(spec.behaviour)]),
        ]
      : shared,
  );
}
