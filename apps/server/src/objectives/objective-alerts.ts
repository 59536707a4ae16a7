import { type Matcher, matchesAll } from "@narthex/model";
import type { Alert, RuleGroup } from "@narthex/rules";
import type { ServiceLevel } from "@narthex/slo";

/**
 * The active alerts that the sender of a request may read, by the labels of objectives. The alerts are listed once for
 * all objectives of a response.
 */
export class ObjectiveAlerts {
  readonly #alerts: readonly Alert[];
  /** Alerts by the value of a label, for each label that was asked for. */
  readonly #byLabel = new Map<string, ReadonlyMap<string, readonly Alert[]>>();

  constructor(groups: readonly RuleGroup[], limit: readonly Matcher[]) {
    this.#alerts = groups
      .flatMap(({ rules }) => rules.flatMap(({ alertState }) => alertState?.activeAlerts ?? []))
      .filter(({ labels }) => matchesAll(limit, labels));
  }

  /** Returns the alerts of an objective. */
  of({ queries: { alertLabels } }: Pick<ServiceLevel, "queries">): readonly Alert[] {
    const [first, ...others] = alertLabels;
    const alerts = first === undefined ? this.#alerts : this.#having(...first);
    return alerts.filter(({ labels }) => others.every(([name, value]) => labels.get(name) === value));
  }

  #having(name: string, value: string): readonly Alert[] {
    let alerts = this.#byLabel.get(name);
    if (alerts === undefined) {
      alerts = Map.groupBy(this.#alerts, ({ labels }) => labels.get(name));
      this.#byLabel.set(name, alerts);
    }
    return alerts.get(value) ?? [];
  }
}
