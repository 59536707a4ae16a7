import { type Alert, isResolvedAt } from "../alerts/alert.ts";

/** A source alert of a rule. */
interface Source {
  readonly alert: Alert;
  /** True if the source also matches the rule's target. */
  readonly isTarget: boolean;
}

/**
 * The source alerts of a rule that have the same values of its `equal` labels. If several fire, the one that
 * Alertmanager would report is reported. Alertmanager keeps only one source: after its end it notifies targets although
 * another source fires.
 */
export class InhibitionSources {
  #first: Source;
  /**
   * All sources by fingerprint, with those that are also targets in a separate map. Undefined while there is only one
   * source.
   */
  #pure: Map<string, Alert> | undefined;
  #targets: Map<string, Alert> | undefined;

  constructor(alert: Alert, isTarget: boolean) {
    this.#first = { alert, isTarget };
  }

  /** Adds a source, or updates it after a new report. */
  put(alert: Alert, isTarget: boolean): void {
    const known = this.#first.alert;
    if (known.fingerprint !== alert.fingerprint) this.#spread();
    if (known.fingerprint === alert.fingerprint || isResolvedAt(known, alert.endsAt)) this.#first = { alert, isTarget };
    if (this.#pure !== undefined) this.#of(isTarget).set(alert.fingerprint, alert);
  }

  /**
   * Returns a source that fires. An alert that matches source and target is not inhibited by another such alert:
   * neither by itself, nor by an equal one.
   */
  firing(now: number, isForSource: boolean): Alert | undefined {
    const { alert, isTarget } = this.#first;
    if (!isResolvedAt(alert, now) && !(isForSource && isTarget)) return alert;
    return this.#firstOf(this.#pure, now) ?? (isForSource ? undefined : this.#firstOf(this.#targets, now));
  }

  /** Removes sources that have ended. Returns true if no source is left. */
  collect(now: number): boolean {
    for (const alerts of [this.#pure, this.#targets]) {
      for (const [key, alert] of alerts ?? []) if (isResolvedAt(alert, now)) alerts!.delete(key);
    }
    if (!isResolvedAt(this.#first.alert, now)) return false;
    const pure = this.#firstOf(this.#pure, now);
    const other = pure ?? this.#firstOf(this.#targets, now);
    if (other === undefined) return true;
    this.#first = { alert: other, isTarget: pure === undefined };
    return false;
  }

  /** Ended sources are removed here, so that thousands of them are visited once and not for each target. */
  #firstOf(alerts: Map<string, Alert> | undefined, now: number): Alert | undefined {
    for (const [key, alert] of alerts ?? []) {
      if (!isResolvedAt(alert, now)) return alert;
      alerts!.delete(key);
    }
    return undefined;
  }

  #spread(): void {
    if (this.#pure !== undefined) return;
    this.#pure = new Map();
    this.#targets = new Map();
    this.#of(this.#first.isTarget).set(this.#first.alert.fingerprint, this.#first.alert);
  }

  #of(isTarget: boolean): Map<string, Alert> {
    return isTarget ? this.#targets! : this.#pure!;
  }
}
