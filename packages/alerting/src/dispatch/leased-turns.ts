import { type Leases, StoreAwayError } from "@narthex/store";
import type { Clock } from "@narthex/runtime";
import type { Coordination } from "./coordination.ts";
import { alertHash } from "../alerts/fingerprint.ts";
import type { NotifiedAlert } from "./integration.ts";
import type { LogEntry, NotificationLog } from "./notification-log.ts";

/** Within this time a dead holder's lease runs out, and whoever cannot ask for one goes on without. */
const PATIENCE_MS = 15_000;
/**
 * Time in which the sources of alerts have spoken to an instance that was started: Prometheus repeats what fires every
 * minute, at the next evaluation of its rules.
 */
export const LEARNING_MS = 150_000;

/**
 * Turns among instances of one database: who has the lease of a key notes in the log what it has told before it gives the
 * lease back, and who has it next reads that first. While the database is out of reach each instance goes by what it
 * knows: a notification twice is better than none.
 */
export function leasedTurns(leases: Leases, log: NotificationLog, clock: Clock): Coordination {
  const learnedAt = clock.now() + LEARNING_MS;
  return {
    passesTurns: true,
    knowsBetter: (entry, alerts) => clock.now() < learnedAt && isAhead(entry, alerts),
    ready: async () => undefined,
    patienceMs: () => PATIENCE_MS,
    async turn(key, signal) {
      const lease = await leases.take(key, signal);
      try {
        if (lease !== undefined) await log.refresh(key);
      } catch (error) {
        // Lost between the two: what was heard of others so far has to do.
        if (!(error instanceof StoreAwayError)) {
          lease?.release();
          throw error;
        }
      }
      return async () => lease?.release();
    },
  };
}

/**
 * Does an entry know of an alert that this instance has never heard of, or that one has ended since this instance last
 * heard of it? After a start its own view is what it knew when it ended: it would say that all is well while something
 * new fires, or that something fires again.
 */
export function isAhead(entry: LogEntry, alerts: readonly NotifiedAlert[]): boolean {
  const known = new Map(alerts.map((alert) => [alertHash(alert.labels), alert]));
  if (entry.firing.some((hash) => !known.has(hash))) return true;
  return entry.resolved.some((hash) => {
    const alert = known.get(hash);
    return alert !== undefined && !alert.resolved && alert.updatedAt < entry.timestamp;
  });
}
