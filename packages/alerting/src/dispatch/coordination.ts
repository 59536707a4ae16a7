import type { Lease } from "@narthex/store";
import type { FlushAlert } from "./flush.ts";
import type { LogEntry } from "./notification-log.ts";

/**
 * Prevents that several instances with the same alerts send the same notification. Before reading the notification log,
 * an instance acquires a lock.
 */
export interface Coordination {
  /**
   * Resolves when this instance may notify. In a cluster, this is when the number of instances is stable or a timeout
   * has passed. Rejects when the signal aborts.
   */
  ready(signal: AbortSignal): Promise<void>;
  /**
   * Returns the maximum time in ms that acquire() waits for other instances. The time limit of a flush is longer by
   * this time.
   */
  maxWaitMs(): number;
  /**
   * Resolves when this instance has the lock of an entry of the notification log (`<group
   * key>:<receiver>/<kind>/<index>`). The log then contains what other instances sent before. Rejects when the signal
   * aborts.
   */
  acquire(key: string, signal: AbortSignal): Promise<HeldLock>;
  /**
   * True if an instance may give up the lock while it waits to retry a failed attempt. Another instance may be able to
   * reach the receiver meanwhile.
   */
  readonly releasesBetweenAttempts?: boolean;
  /**
   * Reports whether the log has newer facts about a group than this instance, and another instance can notify the
   * group. If so, this instance does not notify the group now.
   */
  isLogNewer?(entry: LogEntry, alerts: readonly FlushAlert[]): boolean | Promise<boolean>;
}

/** A lock that this instance has acquired. */
export interface HeldLock {
  release(): Promise<void>;
  /** The lease that guarantees that only this instance has the lock. Undefined if there is no such guarantee. */
  readonly lease?: Pick<Lease, "isHeld" | "lost"> | undefined;
}

const done = async (): Promise<void> => undefined;

/** Coordination of a single instance, which never waits. */
export const SINGLE_INSTANCE: Coordination = {
  ready: done,
  maxWaitMs: () => 0,
  acquire: async () => ({ release: done }),
};
