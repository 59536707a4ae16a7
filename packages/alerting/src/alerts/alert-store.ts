import { type Alert, isResolvedAt, mergeAlerts } from "./alert.ts";

/** Called with each alert in its stored form. */
export type AlertListener = (alert: Alert) => void;

/**
 * All alerts that clients have reported and that have not been collected, by fingerprint. The journal stores them
 * across restarts.
 */
export class AlertStore {
  readonly #alerts = new Map<string, Alert>();
  readonly #listeners = new Set<AlertListener>();
  readonly #perAlertname: number;
  readonly #limited = new Map<string, number>();
  /** Number of alerts by alertname, if it is limited. */
  readonly #named = new Map<string, number>();
  #written = 0;

  /** @param perAlertname most alerts of one alertname; 0 for no limit */
  constructor(perAlertname = 0) {
    this.#perAlertname = perAlertname;
  }

  get size(): number {
    return this.#alerts.size;
  }

  /** Alerts refused by the limit so far. */
  get limited(): ReadonlyMap<string, number> {
    return this.#limited;
  }

  /** Alerts stored so far. */
  get written(): number {
    return this.#written;
  }

  get(fingerprint: string): Alert | undefined {
    return this.#alerts.get(fingerprint);
  }

  all(): readonly Alert[] {
    return [...this.#alerts.values()];
  }

  /** Calls `listener` for each alert from now on; returns a function that ends this. */
  subscribe(listener: AlertListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Adds an alert, merged with its earlier reports. */
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
    // All reports of an alert share one set of labels, also in the journal, groups and histories.
    const alert = known === undefined ? merged : { ...merged, labels: known.labels };
    this.#alerts.set(alert.fingerprint, alert);
    if (known === undefined) this.#count(alert, 1);
    this.#written++;
    for (const listener of this.#listeners) listener(alert);
  }

  /** Drops alerts that have ended. */
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
