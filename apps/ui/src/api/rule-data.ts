import type { LabelSet } from "../format/series-name.ts";

/** State of an alert or of its rule. */
export type AlertState = "inactive" | "pending" | "firing" | "unknown";

/** Result of a rule's last evaluation. */
export type RuleHealth = "ok" | "err" | "unknown";

/** An alert that is pending or firing. */
export interface Alert {
  readonly labels: LabelSet;
  readonly annotations: LabelSet;
  readonly state: AlertState;
  readonly activeAt: string;
  readonly keepFiringSince?: string;
  readonly value: string;
  /** Why the behaviour of the rule holds the alert. Absent if it is not held. */
  readonly heldBy?: "damping" | "no_data" | "recovery";
  /** Earliest end of an alert that flap damping holds. */
  readonly heldUntil?: string;
  /**
   * Labels of the alert at the Alertmanagers, after external labels and relabelling. Only a server of Narthex returns
   * them, on request.
   */
  readonly sentLabels?: readonly LabelSet[];
}

/** How the alerts of a rule differ from those of Prometheus. Absent fields have no effect. */
export interface AlertBehaviour {
  readonly onNoData?: "fire" | "keep" | "resolve";
  /** Expression of the recovery, and the limit in it. */
  readonly recovery?: string;
  readonly recoveryThreshold?: string;
  /** The window is in seconds. */
  readonly flapDamping?: { readonly maxChanges: number; readonly window: number };
  readonly file: string;
  readonly line: number;
}

interface RuleBase {
  readonly name: string;
  readonly query: string;
  readonly labels?: LabelSet;
  readonly health: RuleHealth;
  readonly lastError?: string;
  /** Duration of the last evaluation, seconds. */
  readonly evaluationTime: number;
  readonly lastEvaluation: string;
}

/** An alerting rule; durations in seconds. */
export interface AlertingRule extends RuleBase {
  readonly type: "alerting";
  readonly state: AlertState;
  readonly duration: number;
  readonly keepFiringFor: number;
  readonly annotations?: LabelSet;
  readonly alerts: readonly Alert[] | null;
  readonly behaviour?: AlertBehaviour;
}

/** A recording rule. */
interface RecordingRule extends RuleBase {
  readonly type: "recording";
}

/** A rule of either kind; `type` is the discriminator. */
export type Rule = AlertingRule | RecordingRule;

/** A group of rules that are evaluated together; times in seconds. */
export interface RuleGroup<R extends Rule = Rule> {
  readonly name: string;
  readonly file: string;
  readonly rules: readonly R[];
  readonly interval: number;
  /** Largest number of alerts or series of a rule; 0 for no limit. */
  readonly limit?: number;
  readonly evaluationTime: number;
  readonly lastEvaluation: string;
}
