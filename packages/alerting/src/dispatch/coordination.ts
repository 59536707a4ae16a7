import type { Lease } from "@narthex/store";
import type { FlushAlert } from "./flush.ts";
import type { LogEntry } from "./notification-log.ts";

/**
 * Keeps instances that receive the same alerts from sending the same notification twice. The pipeline acquires a lock
 * before it reads the notification log.
 */
export interface Coordination {
  /** Resolves when this instance may notify at all: a cluster has settled. Rejects when the signal aborts. */
  ready(signal: AbortSignal): Promise<void>;
  /** Longest time that acquire() may take by itself, ms; the deadline of a flush grows by it. */
  maxWaitMs(): number;
  /**
   * Resolves when this instance has the lock of an entry of the notification log (`<group key>:<receiver>/<kind>/<index>`):
   * what others sent before is in the log then. Rejects when the signal aborts.
   */
  acquire(key: string, signal: AbortSignal): Promise<HeldLock>;
  /**
   * May an instance whose attempt has failed release the lock until the next one? Another may reach a receiver that this
   * one does not.
   */
  readonly releasesBetweenAttempts?: boolean;
  /**
   * Is the log's entry of a group newer than all that this instance knows about the group's alerts, and can another
   * instance notify the group? If so, this instance sends nothing at this tick.
   */
  isLogNewer?(entry: LogEntry, alerts: readonly FlushAlert[]): boolean | Promise<boolean>;
}

/** A lock that this instance has. */
export interface HeldLock {
  release(): Promise<void>;
  /** Guarantees that no other instance has the lock, too; undefined without such a guarantee. */
  readonly lease?: Pick<Lease, "isHeld" | "lost"> | undefined;
}

const done = async (): Promise<void> => undefined;

/** One instance, which waits for no other. */
export const SINGLE_INSTANCE: Coordination = {
  ready: done,
  maxWaitMs: () => 0,
  acquire: async () => ({ release: done }),
};
