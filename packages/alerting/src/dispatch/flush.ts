import type { Labels } from "@narthex/model";
import type { Alert } from "../alerts/alert.ts";
import type { Route } from "../routing/route.ts";

/** An alert with its status at a flush. */
export interface FlushAlert extends Alert {
  readonly resolved: boolean;
}

/** One group at one tick. */
export interface Flush {
  readonly route: Route;
  readonly groupKey: string;
  readonly groupLabels: Labels;
  readonly alerts: readonly FlushAlert[];
  /** When the group's timer was due, Unix ms: used for repeats and time intervals. */
  readonly tick: number;
  /** When the flush began, Unix ms: decides what is resolved, inhibited and silenced. */
  readonly now: number;
  /** The same tick with the group's present alerts. */
  readonly renewed: () => Flush;
  /** Was an alert firing at this tick or an earlier one? Otherwise it cannot have been notified. */
  readonly hasFired: (alert: FlushAlert) => boolean;
}

/** Result of a flush. */
export interface FlushResult {
  /** False if an integration should have been notified and was not. */
  readonly ok: boolean;
  /** Names of the time intervals that muted the whole flush; undefined when it did not come so far. */
  readonly mutedBy: readonly string[] | undefined;
}
