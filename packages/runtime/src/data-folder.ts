import { accessSync, constants, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** A data folder or file cannot be created or written. The message names the path, the reason and the hint. */
export class DataPathError extends Error {
  override readonly name = "DataPathError";
}

/**
 * Creates a data folder if it is missing, and checks that it is writable. Throws DataPathError.
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

/** Checks that a data file can be created or written, and creates its folder. Throws DataPathError. */
export function prepareDataFile(file: string, flag: string): void {
  makeDataFolder(dirname(file), flag);
  try {
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats === undefined) return;
    if (stats.isDirectory())
      throw new DataPathError(`${flag}: ${file} is a folder, but a file is needed; name another file`);
    accessSync(file, constants.W_OK);
  } catch (error) {
    if (error instanceof DataPathError) throw error;
    throw new DataPathError(dataPathProblem(error, file, flag), { cause: error });
  }
}

/**
 * Mode of a new data folder: other users of the machine cannot read the data. Other users may enter parent folders that
 * are created with it.
 */
const FOLDER_MODE = 0o750;
const PARENT_MODE = 0o755;

/**
 * Creates a folder and its parents one by one, because Node's own `recursive` never returns for a folder that the
 * kernel refuses (in /proc).
 */
function makeFolder(folder: string, mode = FOLDER_MODE): void {
  const stats = statSync(folder, { throwIfNoEntry: false });
  if (stats?.isDirectory() === true) return;
  if (stats !== undefined) throw Object.assign(new Error("a file"), { code: "EEXIST" });
  const parent = dirname(folder);
  if (parent !== folder) makeFolder(parent, PARENT_MODE);
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    // Ignores the error if another process has created the folder meanwhile.
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) throw error;
  }
}

/**
 * Returns an error message with a hint for a system call's error on a path. For any other error, the message contains
 * the error's own message.
 */
export function dataPathProblem(error: unknown, path: string, flag: string): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const sentence = SENTENCES[code]?.(path, flag);
  if (sentence !== undefined) return `${flag}: ${sentence}`;
  return `${flag}: ${path} cannot be used: ${error instanceof Error ? error.message : String(error)}`;
}

const inTheWay = (path: string, flag: string): string =>
  `${path} is a file, but a folder is needed; move the file away or name another folder with ${flag}`;

const refused = (path: string, flag: string): string =>
  `${userWords()} may not write ${path}; give it to that user (chown), or name another path with ${flag}`;

const full = (path: string, flag: string): string =>
  `no space is left for ${path}; free some space, or name a path on another disk with ${flag}`;

const SENTENCES: Readonly<Record<string, (path: string, flag: string) => string>> = {
  EEXIST: inTheWay,
  ENOTDIR: inTheWay,
  EROFS: (path, flag) =>
    `${path} is on a read-only file system; mount a writable volume there, or name another path with ${flag}`,
  EACCES: refused,
  EPERM: refused,
  ENOENT: (path, flag) => `${path} cannot be created; name another path with ${flag}`,
  ENOSPC: full,
  EDQUOT: full,
};

function userWords(): string {
  const [user, group] = [process.geteuid?.(), process.getegid?.()];
  return user === undefined ? "this user" : `user ${user} (group ${group})`;
}
