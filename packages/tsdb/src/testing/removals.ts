import { readdirSync } from "node:fs";
import { setImmediate } from "node:timers/promises";

/**
 * Resolves when the storage thread has finished its removals. A folder cannot be copied while files in it are removed.
 */
export async function removalsDone(dir: string): Promise<void> {
  while (readdirSync(dir).some((name) => name.endsWith(".tmp-for-deletion"))) await setImmediate();
}
