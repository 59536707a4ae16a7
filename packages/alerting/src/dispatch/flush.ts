import type { Labels } from "@narthex/model";
import type { Alert } from "../alerts/alert.ts";
import type { Route } from "../routing/route.ts";

/** An alert with its status when its group is notified. */
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
  /** Returns the same flush with the alerts that the group has now, after a wait. */
  readonly renewed: () => Flush;
  /**
   * Reports whether the group has seen the alert firing, now or earlier. If not, no notification has contained the
   * alert.
   */
  readonly hasFired: (alert: FlushAlert) => boolean;
}

/** Result of a flush. */
export interface FlushResult {
  /** False if an integration should have been notified but was not, for example because the delivery failed. */
  readonly ok: boolean;
  /** Names of the time intervals that muted the whole group. Undefined if time intervals were not checked. */
  readonly mutedBy: readonly string[] | undefined;
}
