import type { Labels } from "@narthex/model";
import type { Alert } from "../alerts/alert.ts";
import type { Route } from "../routing/route.ts";

/** An alert with its status at the time of a flush. */
export interface FlushAlert extends Alert {
  readonly resolved: boolean;
}

/** The data of a flush: a group with its alerts at one tick of its timer. */
export interface Flush {
  readonly route: Route;
  readonly groupKey: string;
  readonly groupLabels: Labels;
  readonly alerts: readonly FlushAlert[];
  /** Time when the group's timer was due, Unix ms. Repeats and time intervals use this time. */
  readonly tick: number;
  /** Time when the flush began, Unix ms. It decides which alerts are resolved, inhibited and silenced. */
  readonly now: number;
  /** Returns a flush of the same tick with the group's current alerts. */
  readonly renewed: () => Flush;
  /** Reports whether an alert was firing at this tick or an earlier one. If not, it cannot have been notified. */
  readonly hasFired: (alert: FlushAlert) => boolean;
}

/** Result of a flush. */
export interface FlushResult {
  /** False if an integration should have been notified but was not. */
  readonly ok: boolean;
  /**
   * Names of the time intervals that muted the whole flush, or undefined if the flush ended before the intervals were
   * checked.
   */
  readonly mutedBy: readonly string[] | undefined;
}
