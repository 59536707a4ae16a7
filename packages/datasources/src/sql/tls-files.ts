import { open } from "node:fs/promises";
import { QueryFailure } from "../query-failure.ts";

const MAX_FILE_BYTES = 1024 * 1024;

/**
 * Reads a certificate or a key. Throws QueryFailure if the path is not that of a small file. The message does not
 * contain the path.
 * @param setting name of the setting that contains the path
 */
export async function tlsFile(path: string, setting: string): Promise<string> {
  const problem = (reason: string): QueryFailure =>
    new QueryFailure(502, `TLS with the data source failed: the file of ${setting} ${reason}`);
  let file;
  try {
    file = await open(path, "r");
  } catch (error) {
    throw problem(`cannot be read: ${(error as { readonly code?: string }).code ?? "unknown reason"}`);
  }
  try {
    const status = await file.stat();
    if (!status.isFile() || status.size > MAX_FILE_BYTES) throw problem("is not a file of at most 1 MiB");
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}
