import { randomUUID } from "node:crypto";
import { open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";

/** A file with a request that the command line has written, and that the server applies. */
interface WaitingFile {
  /** Reads the file. Rejects with the error of the file system. */
  readonly text: () => Promise<string>;
  /** Removes the file, unless the command line has replaced it by another request in the meantime. */
  readonly remove: () => Promise<void>;
}

/**
 * Writes a request to a file. The command line cannot change the state itself, because the server uses it. The file
 * gets the owner of its folder, so that a server of another user can read it even if root writes it. Rejects with the
 * error of the file system.
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

/** Finds a request that waits to be applied. Resolves with undefined if no request waits. */
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
