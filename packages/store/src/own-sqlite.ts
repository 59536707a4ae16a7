import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { FileLockedError, lockFile } from "@narthex/runtime";
import { openSqlite } from "./sqlite.ts";
import { type ConditionalStore, StoreError } from "./store.ts";

/**
 * Opens the state file, or creates it with its folder. Other processes cannot open the file until it is closed. Rejects
 * with StoreError, for example if another process has the file open.
 */
export async function openOwnSqlite(path: string): Promise<ConditionalStore> {
  const lock = await lockOf(path);
  try {
    const store = openSqlite(path);
    return {
      ...store,
      async close() {
        try {
          await store.close();
        } finally {
          lock.release();
        }
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function lockOf(path: string) {
  const file = `${path}.lock`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    return await lockFile(file);
  } catch (cause) {
    if (cause instanceof FileLockedError) {
      throw new StoreError(
        `${path} is in use by another process (it holds a lock on ${cause.path}): stop that process or choose another file`,
        { cause },
      );
    }
    throw new StoreError(`open ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
