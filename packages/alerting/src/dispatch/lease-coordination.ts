import { type Leases, StoreError } from "@narthex/store";
import type { Clock } from "@narthex/runtime";
import type { Coordination } from "./coordination.ts";
import { alertHash } from "../alerts/fingerprint.ts";
import type { FlushAlert } from "./flush.ts";
import type { LogEntry, NotificationLog } from "./notification-log.ts";

/**
 * Time in ms within which the lease of a dead instance expires. An instance that cannot reach the database continues
 * without a lease after this time.
 */
const MAX_WAIT_MS = 15_000;
/**
 * Time after a start, in ms, by which all sources have posted their firing alerts. Prometheus posts a firing alert
 * again after a minute, at the next evaluation of its rule.
 */
export const WARM_UP_MS = 150_000;

/**
 * Coordinates instances by leases in a shared database. The holder of a lease records the sent notification in the log
 * before the next holder reads the log. While the database fails, each instance decides alone, because a duplicate
 * notification is better than a missing one.
 */
export function leaseCoordination(leases: Leases, log: NotificationLog, clock: Clock): Coordination {
  const warmAt = clock.monotonic() + WARM_UP_MS;
  return {
    releasesBetweenAttempts: true,
    async isLogNewer(entry, alerts) {
      if (clock.monotonic() >= warmAt || !isEntryNewer(entry, alerts)) return false;
      return !(await leases.isAlone());
    },
    ready: async () => undefined,
    maxWaitMs: () => MAX_WAIT_MS,
    async acquire(key, signal) {
      const lease = await leases.take(key, signal);
      try {
        if (lease !== undefined) await log.refresh(key);
      } catch (error) {
        // If the database does not answer or refuses the read, this instance decides with the log entries that have
        // arrived so far.
        if (!(error instanceof StoreError)) {
          lease?.release();
          throw error;
        }
      }
      return { release: async () => lease?.release(), lease };
    },
  };
}

/**
 * Reports whether a log entry is newer than this instance's alerts, which is possible after a restart. Such an entry
 * contains an alert that this instance has never received, or an end that is later than this instance's last report of
 * the alert.
 */
export function isEntryNewer(entry: LogEntry, alerts: readonly FlushAlert[]): boolean {
  const known = new Map(alerts.map((alert) => [alertHash(alert.labels), alert]));
  if (entry.firing.some((hash) => !known.has(hash))) return true;
  return entry.resolved.some((hash) => {
    const alert = known.get(hash);
    return alert !== undefined && !alert.resolved && alert.updatedAt < entry.timestamp;
  });
}
