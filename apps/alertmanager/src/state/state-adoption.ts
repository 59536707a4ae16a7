import type { Clock, Logger } from "@narthex/runtime";
import { type Store, StoreUnavailableError } from "@narthex/store";

/** Names of the collections that all instances with a database share. */
const COLLECTIONS = ["silences", "recurring_silences", "acknowledgements", "notification_log", "notification_history"];

/** Number of entries that one statement writes. */
const AT_ONCE = 500;

/**
 * Copies the state in this instance's file to the database when the instance starts with the database for the first
 * time. Existing entries stay unchanged. If the database cannot be reached, the next start tries again.
 */
export async function adoptState(options: {
  readonly own: Store;
  readonly shared: Store;
  /** Address of the database without the password. */
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
    logger.info("Imported the data of a file into the store's database", { store: place, ...counts });
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
  }
}

/** Copies a collection. Resolves with the number of copied entries. */
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
