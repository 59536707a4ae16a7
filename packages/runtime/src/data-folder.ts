import { accessSync, constants, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** A folder or file for data that cannot be made or written; the message names the path, what is wrong and the hint. */
export class DataPathError extends Error {
  override readonly name = "DataPathError";
}

/**
 * Makes a folder for data if there is none, and sees that it can be written. Throws DataPathError.
 *
 * @param flag the flag that names it, with its dashes
 */
export function makeDataFolder(folder: string, flag: string): void {
  try {
    makeFolder(folder);
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new DataPathError(dataPathProblem(error, folder, flag), { cause: error });
  }
}

/** Sees that a file for data can be made or written, and makes the folder that it is to lie in. Throws DataPathError. */
export function prepareDataFile(file: string, flag: string): void {
  makeDataFolder(dirname(file), flag);
  try {
    const facts = statSync(file, { throwIfNoEntry: false });
    if (facts === undefined) return;
    if (facts.isDirectory())
      throw new DataPathError(`${flag}: ${file} is a folder where a file is to be; name another file`);
    accessSync(file, constants.W_OK);
  } catch (error) {
    if (error instanceof DataPathError) throw error;
    throw new DataPathError(dataPathProblem(error, file, flag), { cause: error });
  }
}

/** One by one: of a folder that the kernel will not have (in /proc) Node's own `recursive` never tires. */
function makeFolder(folder: string): void {
  const facts = statSync(folder, { throwIfNoEntry: false });
  if (facts?.isDirectory() === true) return;
  if (facts !== undefined) throw Object.assign(new Error("a file"), { code: "EEXIST" });
  const parent = dirname(folder);
  if (parent !== folder) makeFolder(parent);
  try {
    mkdirSync(folder);
  } catch (error) {
    // Somebody else may have made it meanwhile.
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) throw error;
  }
}

/** What a system call on a path says, in a sentence with the hint; of other errors their own words. */
export function dataPathProblem(error: unknown, path: string, flag: string): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const sentence = SENTENCES[code]?.(path, flag);
  if (sentence !== undefined) return `${flag}: ${sentence}`;
  return `${flag}: ${path} cannot be used: ${error instanceof Error ? error.message : String(error)}`;
}

const inTheWay = (path: string, flag: string): string =>
  `${path} cannot be a folder, a file is in its place; move the file away or name another folder with ${flag}`;

const refused = (path: string, flag: string): string =>
  `${userWords()} may not write ${path}; give it to that user (chown), or name another place with ${flag}`;

const full = (path: string, flag: string): string =>
  `no space is left for ${path}; free some, or name a place on another disk with ${flag}`;

const SENTENCES: Readonly<Record<string, (path: string, flag: string) => string>> = {
  EEXIST: inTheWay,
  ENOTDIR: inTheWay,
  EROFS: (path, flag) =>
    `${path} is on a read-only file system; mount a volume there that can be written, or name another place with ${flag}`,
  EACCES: refused,
  EPERM: refused,
  ENOENT: (path, flag) => `${path} cannot be made there; name another place with ${flag}`,
  ENOSPC: full,
  EDQUOT: full,
};

function userWords(): string {
  const [user, group] = [process.geteuid?.(), process.getegid?.()];
  return user === undefined ? "this user" : `user ${user} (group ${group})`;
}
