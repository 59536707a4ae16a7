import { type Alert, isResolvedAt } from "../alerts/alert.ts";

/** An alert that can suppress other alerts by an inhibition rule while it fires. */
interface Source {
  readonly alert: Alert;
  /** True if the alert also matches the target side of the rule. */
  readonly isTarget: boolean;
}

/**
 * Source alerts of an inhibition rule that have the same values of the `equal` labels. If several of them fire,
 * firing() returns the alert that Alertmanager would report. Alertmanager keeps only one source alert; this class keeps
 * all of them, so that target alerts stay suppressed while any source alert fires.
 */
export class InhibitionSources {
  #first: Source;
  /**
   * Source alerts that do not match the target side of the rule, by fingerprint; `#targets` contains the other source
   * alerts. Both maps are undefined while there is only one source alert.
   */
  #pure: Map<string, Alert> | undefined;
  #targets: Map<string, Alert> | undefined;

  constructor(alert: Alert, isTarget: boolean) {
    this.#first = { alert, isTarget };
  }

  /** Adds a source alert, or updates it after a new report. */
  put(alert: Alert, isTarget: boolean): void {
    const known = this.#first.alert;
    if (known.fingerprint !== alert.fingerprint) this.#spread();
    if (known.fingerprint === alert.fingerprint || isResolvedAt(known, alert.endsAt)) this.#first = { alert, isTarget };
    if (this.#pure !== undefined) this.#of(isTarget).set(alert.fingerprint, alert);
  }

  /**
   * Returns a source alert that fires, or undefined. With `isForSource`, ignores source alerts that also match the
   * target side of the rule, because such alerts do not inhibit each other.
   */
  firing(now: number, isForSource: boolean): Alert | undefined {
    const { alert, isTarget } = this.#first;
    if (!isResolvedAt(alert, now) && !(isForSource && isTarget)) return alert;
    return this.#firstOf(this.#pure, now) ?? (isForSource ? undefined : this.#firstOf(this.#targets, now));
  }

  /** Removes source alerts that have ended. Returns true if none remains. */
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

  /**
   * Returns the first alert that fires. Removes the ended alerts before it, so that later calls do not check thousands
   * of ended alerts again.
   */
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
