import { readFile } from "node:fs/promises";
import type { Secret } from "@narthex/config";
import { readProblem } from "@narthex/http";

/**
 * Returns the current text of a secret, which is either in the section or in a file. The file is read each time, so that
 * the secret can change. Rejects if the file cannot be read.
 * @param what name of the file in the error: `auth token file`
 */
export async function secretText(secret: Secret | undefined, path: string, what: string): Promise<string> {
  if (path === "") return secret?.reveal() ?? "";
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (cause) {
    throw new Error(`unable to read ${what} ${path}: ${readProblem(path, cause)}`, { cause });
  }
}
