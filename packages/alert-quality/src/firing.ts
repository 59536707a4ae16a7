import type { Labels } from "@narthex/model";

/** A time during which an alert with some labels fired. Times are Unix ms; `endMs` is exclusive. */
export interface Firing {
  readonly labels: Labels;
  readonly startMs: number;
  readonly endMs: number;
  /** True if the alert still fires at the end of the examined range. */
  readonly isOpen: boolean;
}

/** Maximum number of firings that are kept. Further firings are counted as omitted. */
const MAX_FIRINGS = 200_000;

/** Maximum number of alerts (label sets) that are followed. Firings of further alerts are counted as omitted. */
export const MAX_ALERTS = 100_000;

interface OpenFiring {
  readonly labels: Labels;
  readonly startMs: number;
  lastMs: number;
}

/**
 * Makes firings from samples of ALERTS. The samples of each alert must be added in order of time. A pause of more than
 * two evaluation intervals ends a firing, so that one missed evaluation does not.
 */
export class FiringRecorder {
  readonly #intervalOf: (labels: Labels) => number;
  readonly #maxAlerts: number;
  readonly #open = new Map<string, OpenFiring>();
  readonly #done: Firing[] = [];
  omitted = 0;

  /** @param intervalOf returns the evaluation interval of an alert's rule, ms */
  constructor(intervalOf: (labels: Labels) => number, maxAlerts = MAX_ALERTS) {
    this.#intervalOf = intervalOf;
    this.#maxAlerts = maxAlerts;
  }

  /** Adds the times of samples with which an alert fires. */
  add(labels: Labels, times: Iterable<number>): void {
    const key = labels.key;
    const interval = this.#intervalOf(labels);
    let open = this.#open.get(key);
    if (open === undefined && this.#open.size >= this.#maxAlerts) {
      this.omitted++;
      return;
    }
    for (const time of times) {
      if (open !== undefined && time - open.lastMs <= 2 * interval) {
        open.lastMs = Math.max(open.lastMs, time);
        continue;
      }
      if (open !== undefined) this.#close(open, interval, false);
      open = { labels, startMs: time, lastMs: time };
      this.#open.set(key, open);
    }
  }

  /** Returns all firings. Those with a sample shortly before the end of the range are open. */
  finish(endMs: number): readonly Firing[] {
    for (const open of this.#open.values()) {
      const interval = this.#intervalOf(open.labels);
      const isOpen = endMs - open.lastMs < 2 * interval;
      this.#close(open, interval, isOpen, isOpen ? endMs : undefined);
    }
    this.#open.clear();
    return this.#done;
  }

  #close({ labels, startMs, lastMs }: OpenFiring, interval: number, isOpen: boolean, end = lastMs + interval): void {
    if (this.#done.length < MAX_FIRINGS) this.#done.push({ labels, startMs, endMs: end, isOpen });
    else this.omitted++;
  }
}
