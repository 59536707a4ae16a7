import type { Clock, Logger } from "@narthex/runtime";
import { type Store, StoreUnavailableError } from "@narthex/store";

/** Collections that instances of one database share. */
const COLLECTIONS = ["silences", "recurring_silences", "notification_log", "notification_history"];

/** Number of entries in one statement. */
const AT_ONCE = 500;

/**
 * Copies the state in this instance's file into the database at the first start with it; existing entries stay
 * unchanged. If the database is unreachable, the next start copies it.
 */
export async function adoptState(options: {
  readonly own: Store;
  readonly shared: Store;
  /** The database's address, without password. */
  readonly place: string;
  readonly clock: Clock;
  readonly logger: Logger;
}): Promise<void> {
  const { own, shared, place, clock, logger } = options;
  const imports = own.collection("imports");
  const mark = `database ${place}`;
  if ((await imports.get(mark)) !== undefined) return;
  try {
    const taken = await Promise.all(COLLECTIONS.map((name) => adopt(own, shared, name, clock.now())));
    await imports.put({ key: mark, value: JSON.stringify({ at: clock.now() }), expiresAt: Number.MAX_SAFE_INTEGER });
    if (taken.every((count) => count === 0)) return;
    const counts = Object.fromEntries(COLLECTIONS.map((name, i) => [name, taken[i]]));
    logger.info("Took what was kept in a file into the store's database", { store: place, ...counts });
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
  }
}

/** Resolves with the number of copied entries. */
async function adopt(own: Store, shared: Store, name: string, now: number): Promise<number> {
  const kept = (await own.collection(name).entries()).filter(({ expiresAt }) => expiresAt > now);
  if (kept.length === 0) return 0;
  const there = new Set((await shared.collection(name).entries()).map(({ key }) => key));
  const missing = kept.filter(({ key }) => !there.has(key));
  for (let at = 0; at < missing.length; at += AT_ONCE) {
    await shared.collection(name).change(missing.slice(at, at + AT_ONCE), []);
  }
  return missing.length;
}
