import type { NotifiedAlert } from "./integration.ts";
import type { LogEntry } from "./notification-log.ts";

/**
 * How instances that are sent the same alerts keep from telling the same thing twice. The pipeline asks it before it
 * looks into the notification log.
 */
export interface Coordination {
  /** Resolves when this instance may notify at all: a cluster has settled. Rejects when the signal aborts. */
  ready(signal: AbortSignal): Promise<void>;
  /** Longest time that turn() may take by itself, ms; the deadline of a flush grows by it. */
  patienceMs(): number;
  /**
   * Resolves when it is this instance's turn with an entry of the notification log (`<group key>:<receiver>/<kind>/<index>`):
   * what others told before is in the log then. The result ends the turn. Rejects when the signal aborts.
   */
  turn(key: string, signal: AbortSignal): Promise<() => Promise<void>>;
  /**
   * May an instance whose attempt has failed give its turn away until the next one? Another may reach a receiver that this
   * one does not.
   */
  readonly passesTurns?: boolean;
  /**
   * Is what the log has of a group better known than what this instance knows of all the group's alerts? It then says
   * nothing at this tick.
   */
  knowsBetter?(entry: LogEntry, alerts: readonly NotifiedAlert[]): boolean;
}

const done = async (): Promise<void> => undefined;

/** One instance, nobody to wait for. */
export const ALONE: Coordination = { ready: done, patienceMs: () => 0, turn: async () => done };
