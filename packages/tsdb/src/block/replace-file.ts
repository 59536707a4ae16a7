import { dirname } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { Files } from "../files.ts";

/** Number of bytes that are written before the function yields to the event loop. */
const BYTES_PER_TURN = 4 * 1024 * 1024;

/** Replaces a file as replaceFile() does, without blocking the event loop. */
export async function replaceFileLater(path: string, bytes: Uint8Array, files: Files): Promise<void> {
  const temporary = `${path}.tmp`;
  try {
    const file = files.open(temporary, "w");
    try {
      for (let at = 0; at < bytes.length;) {
        at += files.write(file, bytes.subarray(at, at + BYTES_PER_TURN));
        await setImmediate();
      }
      await files.sync(file);
    } finally {
      files.close(file);
    }
    files.rename(temporary, path);
  } catch (cause) {
    removeQuietly(temporary, files);
    throw cause;
  }
  await files.syncFolder(dirname(path));
}

/**
 * Replaces the content of a file completely or not at all: writes and syncs a temporary file next to the file, then
 * renames the temporary file. On an error, throws the system's error and removes the temporary file, so that it takes
 * no space.
 */
export function replaceFile(path: string, bytes: Uint8Array, files: Files): void {
  const temporary = `${path}.tmp`;
  try {
    const file = files.open(temporary, "w");
    try {
      for (let at = 0; at < bytes.length;) at += files.write(file, bytes.subarray(at));
      files.syncNow(file);
    } finally {
      files.close(file);
    }
    files.rename(temporary, path);
  } catch (cause) {
    removeQuietly(temporary, files);
    throw cause;
  }
  files.syncFolderNow(dirname(path));
}

/** Removes a file or folder and ignores errors, because the caller reports the first error. */
export function removeQuietly(path: string, files: Files): void {
  try {
    files.remove(path);
  } catch {
    // Ignores the error of the removal. A later attempt replaces the file that remains, or the next start removes it.
  }
}
