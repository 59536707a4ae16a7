import { readFile, rm, stat } from "node:fs/promises";

/** A file with a request of the command line, which the server applies. */
interface WaitingFile {
  /** Returns the text. Rejects with the error of the file system. */
  readonly text: () => Promise<string>;
  /** Removes the file, unless the command line has replaced it by another request meanwhile. */
  readonly remove: () => Promise<void>;
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
