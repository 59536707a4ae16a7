import type { PostableAlert } from "./postable-alert.ts";

/** A queue of alerts of limited length. If it is full, the oldest alerts are dropped. */
export class AlertQueue {
  readonly capacity: number;
  #alerts: PostableAlert[] = [];
  /** Number of alerts at the front that were put back. */
  #returned = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get length(): number {
    return this.#alerts.length;
  }

  /**
   * Appends alerts in order. A new version of an alert replaces a version that was put back. If the queue is full, drops
   * the oldest alerts and returns their number.
   */
  push(alerts: readonly PostableAlert[]): number {
    const returned = withoutNewer(this.#alerts.splice(0, this.#returned), alerts);
    return this.#refill(returned, [...this.#alerts, ...alerts]);
  }

  /**
   * Puts alerts that take() returned back to the front, except alerts with a newer version in the queue. If the queue
   * is full, drops the oldest alerts and returns their number.
   */
  putBack(alerts: readonly PostableAlert[]): number {
    const others = this.#alerts.slice(this.#returned);
    const returned = [...alerts, ...this.#alerts.slice(0, this.#returned)];
    return this.#refill(withoutNewer(returned, others), others);
  }

  #refill(returned: readonly PostableAlert[], others: readonly PostableAlert[]): number {
    const dropped = Math.max(0, returned.length + others.length - this.capacity);
    this.#alerts = [...returned, ...others].slice(dropped);
    this.#returned = Math.max(0, returned.length - dropped);
    return dropped;
  }

  /** Removes and returns up to `count` of the oldest alerts. */
  take(count: number): PostableAlert[] {
    this.#returned = Math.max(0, this.#returned - count);
    return this.#alerts.splice(0, count);
  }
}

/** Returns the alerts that have no newer version in `others`. */
function withoutNewer(alerts: readonly PostableAlert[], others: readonly PostableAlert[]): readonly PostableAlert[] {
  if (alerts.length === 0) return alerts;
  const newer = new Set(others.map(({ labels }) => labels.key));
  return alerts.filter(({ labels }) => !newer.has(labels.key));
}
