import type { Lease } from "@narthex/store";
import type { FlushAlert } from "./flush.ts";
import type { LogEntry } from "./notification-log.ts";

/**
 * Ensures that several instances with the same alerts do not send the same notification. An instance acquires a lock
 * before it reads the notification log.
 */
export interface Coordination {
  /**
   * Resolves when this instance may notify: when the number of cluster instances is stable, or after a timeout. Rejects
   * if the signal aborts.
   */
  ready(signal: AbortSignal): Promise<void>;
  /**
   * Returns the maximum time in ms that acquire() waits for other instances. The time limit of a flush is extended by
   * this time.
   */
  maxWaitMs(): number;
  /**
   * Resolves when this instance has the lock of a notification log entry (`<group key>:<receiver>/<kind>/<index>`). The
   * log then contains all earlier notifications of other instances. Rejects if the signal aborts.
   */
  acquire(key: string, signal: AbortSignal): Promise<HeldLock>;
  /**
   * True if an instance may release the lock while it waits to retry a failed attempt, because another instance may be
   * able to reach the receiver.
   */
  readonly releasesBetweenAttempts?: boolean;
  /**
   * Reports whether the notification log is newer than this instance's state of a group and another instance can notify
   * the group. If so, this instance does not notify the group now.
   */
  isLogNewer?(entry: LogEntry, alerts: readonly FlushAlert[]): boolean | Promise<boolean>;
}

/** A lock that this instance has acquired. */
export interface HeldLock {
  release(): Promise<void>;
  /** Lease that guarantees that only this instance has the lock; undefined if there is no guarantee. */
  readonly lease?: Pick<Lease, "isHeld" | "lost"> | undefined;
}

const done = async (): Promise<void> => undefined;

/** Coordination for a single instance, which does not wait for other instances. */
export const SINGLE_INSTANCE: Coordination = {
  ready: done,
  maxWaitMs: () => 0,
  acquire: async () => ({ release: done }),
};
