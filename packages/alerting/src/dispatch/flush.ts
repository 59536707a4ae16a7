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
  /** When the group's timer was due, Unix ms: what repeats and time intervals go by. */
  readonly tick: number;
  /** When the flush began, Unix ms: what is resolved, inhibited and silenced. */
  readonly now: number;
  /** The same tick with the group's alerts as they are by now. */
  readonly renewed: () => Flush;
  /** Was an alert firing at this tick or an earlier one? Nobody can have been notified of one that was not. */
  readonly hasFired: (alert: FlushAlert) => boolean;
}

/** What became of a flush. */
export interface FlushResult {
  /** False when some integration has not been notified although it should have been. */
  readonly ok: boolean;
  /** Names of the time intervals that muted the whole flush; undefined when it did not come so far. */
  readonly mutedBy: readonly string[] | undefined;
}
