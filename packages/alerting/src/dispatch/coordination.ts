import type { Lease } from "@narthex/store";
import type { FlushAlert } from "./flush.ts";
import type { LogEntry } from "./notification-log.ts";

/**
 * Keeps instances that receive the same alerts from sending the same notification twice. The pipeline acquires a lock
 * before it reads the notification log.
 */
export interface Coordination {
  /**
   * Resolves when this instance may notify, which in a cluster is after the cluster has settled. Rejects when the
   * signal aborts.
   */
  ready(signal: AbortSignal): Promise<void>;
  /** Returns the maximum time that acquire() takes by itself, ms. The time limit of a flush is extended by it. */
  maxWaitMs(): number;
  /**
   * Resolves when this instance has the lock of an entry of the notification log (`<group
   * key>:<receiver>/<kind>/<index>`). The log then contains what other instances sent before. Rejects when the signal
   * aborts.
   */
  acquire(key: string, signal: AbortSignal): Promise<HeldLock>;
  /**
   * True if an instance whose attempt has failed may release the lock until its next attempt. Another instance may be
   * able to reach the receiver meanwhile.
   */
  readonly releasesBetweenAttempts?: boolean;
  /**
   * Reports whether the log's entry of a group is newer than everything that this instance knows about the group's
   * alerts, and another instance can notify the group. If so, this instance sends nothing at this tick.
   */
  isLogNewer?(entry: LogEntry, alerts: readonly FlushAlert[]): boolean | Promise<boolean>;
}

/** A lock that this instance has. */
export interface HeldLock {
  release(): Promise<void>;
  /** Guarantees that this instance is the only one with the lock. Undefined if this cannot be guaranteed. */
  readonly lease?: Pick<Lease, "isHeld" | "lost"> | undefined;
}

const done = async (): Promise<void> => undefined;

/** Coordination of a single instance, which never waits. */
export const SINGLE_INSTANCE: Coordination = {
  ready: done,
  maxWaitMs: () => 0,
  acquire: async () => ({ release: done }),
};
