import type { Labels } from "@narthex/model";
import type { NotificationContext } from "@narthex/notification";
import type { Alert } from "../alerts/alert.ts";
import type { Route } from "../routing/route.ts";

/** An alert with its status when its group is notified. */
export interface FlushAlert extends Alert {
  readonly resolved: boolean;
}

/** The data of a flush: a group, and the alerts of the group at the time of the flush. */
export interface Flush {
  readonly route: Route;
  readonly groupKey: string;
  readonly groupLabels: Labels;
  readonly alerts: readonly FlushAlert[];
  /** Time when the group's timer was due, Unix ms. Repeats and time intervals use this time. */
  readonly tick: number;
  /** Time when the flush began, Unix ms. Alerts are resolved, inhibited or silenced according to this time. */
  readonly now: number;
  /** Returns this flush with the group's current alerts, which may have changed while the flush waited. */
  readonly renewed: () => Flush;
  /** Reports whether the group has ever contained the alert as firing. If not, the alert was never notified. */
  readonly hasFired: (alert: FlushAlert) => boolean;
  /** Returns the context of the group's notifications. All integrations of a flush share it. */
  readonly context?: () => Promise<NotificationContext | undefined>;
}

export interface FlushResult {
  /** False if an integration should have been notified but was not, for example because the delivery failed. */
  readonly ok: boolean;
  /** Names of the time intervals that muted the whole group. Undefined if time intervals were not checked. */
  readonly mutedBy: readonly string[] | undefined;
}
