import { readdirSync } from "node:fs";
import { setImmediate } from "node:timers/promises";

/** Resolves when the storage thread has removed all that was to go: a folder that loses files cannot be copied. */
export async function removalsDone(dir: string): Promise<void> {
  while (readdirSync(dir).some((name) => name.endsWith(".tmp-for-deletion"))) await setImmediate();
}
