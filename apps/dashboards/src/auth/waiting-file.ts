import { randomUUID } from "node:crypto";
import { open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";

/** A file with a request of the command line, which the server applies. */
interface WaitingFile {
  /** Reads the file. Rejects with the error of the file system. */
  readonly text: () => Promise<string>;
  /** Removes the file, unless the command line has replaced it by another request meanwhile. */
  readonly remove: () => Promise<void>;
}

/**
 * Writes a request to a file, because the command line must not open the file with the state while the server uses it.
 * The file belongs to the owner of its folder: if root writes it, the server of another user can still read it. Rejects
 * with the error of the file system.
 */
export async function leaveFile(file: string, request: object): Promise<void> {
  const { uid, gid } = await stat(dirname(file));
  const written = `${file}.${randomUUID()}`;
  try {
    {
      await using handle = await open(written, "wx", 0o600);
      if (process.getuid?.() === 0) await handle.chown(uid, gid);
      await handle.writeFile(JSON.stringify(request));
    }
    await rename(written, file);
  } catch (error) {
    await rm(written, { force: true });
    throw error;
  }
}

/** Finds the file of a waiting request. Resolves with undefined if no request waits. */
export async function waitingFile(file: string): Promise<WaitingFile | undefined> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) return undefined;
  return {
    text: () => readFile(file, "utf8"),
    async remove() {
      const now = await stat(file).catch(() => undefined);
      if (now?.ino === found.ino && now.mtimeMs === found.mtimeMs) await rm(file, { force: true });
    },
  };
}
