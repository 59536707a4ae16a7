import type { Steps } from "@narthex/runtime";
import type { FlapDamping } from "./alert-behaviour.ts";

/** When an alert began or stopped to fire. */
export interface AlertChanges {
  /** Times of the changes, ascending, Unix ms. */
  readonly times: readonly number[];
  readonly isFiring: boolean;
}

/** Number of label sets up to which changes of alerts that do not fire are kept. */
const MAX_LABEL_SETS = 100_000;

/** When the alerts of one rule began or stopped to fire, within the window of the flap damping. */
export class StateChanges {
  readonly #damping: FlapDamping;
  #changes = new Map<string, AlertChanges>();

  constructor(damping: FlapDamping) {
    this.#damping = damping;
  }

  /**
   * Returns the time until which a firing alert must not end, or undefined if it may end at the time `ts`. An end may be
   * followed by a start, which is never delayed. So the end is only allowed if both fit in the limit of the window.
   */
  dampedUntil(key: string, ts: number): number | undefined {
    const { maxChanges, windowMs } = this.#damping;
    const times = (this.#changes.get(key)?.times ?? []).filter((time) => time > ts - windowMs);
    const excess = times.length + 2 - maxChanges;
    return excess > 0 ? times[excess - 1]! + windowMs : undefined;
  }

  /** Records which alerts fire after an evaluation at the time `ts`. */
  *note(firing: ReadonlySet<string>, ts: number): Steps<void> {
    const next = new Map<string, AlertChanges>();
    for (const key of new Set([...this.#changes.keys(), ...firing])) {
      yield;
      const before = this.#changes.get(key);
      const isFiring = firing.has(key);
      const times = (before?.times ?? []).filter((time) => time > ts - this.#damping.windowMs);
      if ((before?.isFiring ?? false) !== isFiring) times.push(ts);
      if (isFiring || (times.length > 0 && next.size < MAX_LABEL_SETS)) next.set(key, { times, isFiring });
    }
    this.#changes = next;
  }

  /** Sets the earlier changes of an alert. */
  restore(key: string, changes: AlertChanges): void {
    this.#changes.set(key, changes);
  }

  /** Takes over the changes that another object has recorded. */
  adopt(other: StateChanges): void {
    this.#changes = new Map(other.#changes);
  }
}
