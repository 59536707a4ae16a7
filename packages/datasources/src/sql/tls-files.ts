import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { QueryFailure } from "../query-failure.ts";

const MAX_FILE_BYTES = 1024 * 1024;

/**
 * Reads a certificate or a key. Throws QueryFailure if the path does not name a small file. The message neither
 * contains the path nor shows whether a file exists.
 * @param setting name of the setting that contains the path
 */
export async function tlsFile(path: string, setting: string): Promise<string> {
  const text = await smallFile(path);
  if (text !== undefined) return text;
  throw new QueryFailure(
    502,
    `TLS with the data source failed: the file of ${setting} cannot be read; it must be a file of at most 1 MiB`,
  );
}

async function smallFile(path: string): Promise<string | undefined> {
  let file: FileHandle | undefined;
  try {
    // Opens with O_NONBLOCK, because a named pipe would otherwise block a thread until another program writes to it.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const status = await file.stat();
    return status.isFile() && status.size <= MAX_FILE_BYTES ? await file.readFile("utf8") : undefined;
  } catch {
    return undefined;
  } finally {
    await file?.close();
  }
}
