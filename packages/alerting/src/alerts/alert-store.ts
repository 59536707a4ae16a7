import { type Alert, isResolvedAt, mergeAlerts } from "./alert.ts";

/**
 * A subscriber to the alert store. The store calls it with each alert after the alert was merged with earlier reports.
 */
export type AlertListener = (alert: Alert) => void;

/**
 * All alerts that clients have reported and that were not removed yet, by fingerprint. The alert journal stores these
 * alerts on disk.
 */
export class AlertStore {
  readonly #alerts = new Map<string, Alert>();
  readonly #listeners = new Set<AlertListener>();
  readonly #perAlertname: number;
  readonly #limited = new Map<string, number>();
  /** Number of stored alerts by `alertname`; empty if the number is not limited. */
  readonly #named = new Map<string, number>();
  #written = 0;

  /** @param perAlertname maximum number of alerts of one alertname; 0 for no limit */
  constructor(perAlertname = 0) {
    this.#perAlertname = perAlertname;
  }

  get size(): number {
    return this.#alerts.size;
  }

  /** Number of alerts that were refused because their `alertname` had too many alerts, for each `alertname`. */
  get limited(): ReadonlyMap<string, number> {
    return this.#limited;
  }

  /** Number of alerts stored since the start. */
  get written(): number {
    return this.#written;
  }

  get(fingerprint: string): Alert | undefined {
    return this.#alerts.get(fingerprint);
  }

  all(): readonly Alert[] {
    return [...this.#alerts.values()];
  }

  /** Calls `listener` for each alert that is stored after this call. Returns a function that ends the subscription. */
  subscribe(listener: AlertListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Adds an alert, merged with earlier reports of the alert. */
  put(incoming: Alert): void {
    const known = this.#alerts.get(incoming.fingerprint);
    if (known === undefined && this.#isFull(incoming)) {
      const name = incoming.labels.get("alertname");
      this.#limited.set(name, (this.#limited.get(name) ?? 0) + 1);
      return;
    }
    const overlaps =
      known !== undefined &&
      ((incoming.endsAt > known.startsAt && incoming.endsAt < known.endsAt) ||
        (incoming.startsAt > known.startsAt && incoming.startsAt < known.endsAt));
    const merged = overlaps ? mergeAlerts(known, incoming) : incoming;
    // All reports of an alert share one object of labels, which the journal, groups and histories also use.
    const alert = known === undefined ? merged : { ...merged, labels: known.labels };
    this.#alerts.set(alert.fingerprint, alert);
    if (known === undefined) this.#count(alert, 1);
    this.#written++;
    for (const listener of this.#listeners) listener(alert);
  }

  /** Removes alerts that ended before `now`. */
  collect(now: number): void {
    for (const [key, alert] of this.#alerts) {
      if (!isResolvedAt(alert, now)) continue;
      this.#alerts.delete(key);
      this.#count(alert, -1);
    }
  }

  #isFull({ labels }: Alert): boolean {
    if (this.#perAlertname === 0) return false;
    return (this.#named.get(labels.get("alertname")) ?? 0) >= this.#perAlertname;
  }

  #count({ labels }: Alert, change: 1 | -1): void {
    if (this.#perAlertname === 0) return;
    const name = labels.get("alertname");
    const count = (this.#named.get(name) ?? 0) + change;
    if (count === 0) this.#named.delete(name);
    else this.#named.set(name, count);
  }
}
