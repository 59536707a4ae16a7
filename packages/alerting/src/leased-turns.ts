import { type Leases, StoreAwayError } from "@narthex/store";
import type { Coordination } from "./coordination.ts";
import type { NotificationLog } from "./notification-log.ts";

/** Within this time a dead holder's lease runs out, and whoever cannot ask for one goes on without. */
const PATIENCE_MS = 15_000;

/**
 * Turns among instances of one database: who has the lease of a key notes in the log what it has told before it gives the
 * lease back, and who has it next reads that first. While the database is out of reach each instance goes by what it
 * knows: a notification twice is better than none.
 */
export function leasedTurns(leases: Leases, log: NotificationLog): Coordination {
  return {
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
