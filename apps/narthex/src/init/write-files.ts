import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { CommandError } from "../command-line/command.ts";
import type { NewFile } from "./new-files.ts";
import { exchangeablePart } from "./trusted-path.ts";

const SECRET_MODE = 0o600;
const SECRET_FOLDER_MODE = 0o700;

interface Options {
  /** Whether to replace existing files. A backup of each file is made first. */
  readonly force: boolean;
  /** Command line for another folder, for the error message if this folder cannot be used. */
  readonly elsewhere: string;
  /**
   * User ids that may own the folder. A folder that other users may change is refused. Undefined disables this check,
   * as for root in a container with a mounted folder.
   */
  readonly owners?: readonly number[] | undefined;
}

/** A file that was written. `keptAs` is the path of the copy of the previous file. */
export interface WrittenFile {
  readonly path: string;
  readonly keptAs: string | undefined;
}

/** Returns the paths of files that already exist in the folder. */
export const existingFiles = (folder: string, files: readonly NewFile[]): readonly string[] =>
  files.map(({ path }) => join(folder, path)).filter((path) => existsSync(path));

/**
 * Writes all files or none. Throws CommandError if a file exists and `force` is off, or if a path cannot be written.
 */
export function writeFiles(
  folder: string,
  files: readonly NewFile[],
  { force, elsewhere, owners }: Options,
): readonly WrittenFile[] {
  if (owners !== undefined) refuseForeign(folder, owners, elsewhere);
  const inTheWay = existingFiles(folder, files);
  if (inTheWay.length > 0 && !force) throw new CommandError(existing(inTheWay, elsewhere));
  const isFolder = inTheWay.find((path) => statSync(path).isDirectory());
  if (isFolder !== undefined) throw new CommandError(`${isFolder} is a folder, but must be a file; move it away`);
  const written: WrittenFile[] = [];
  const made: string[] = [];
  try {
    for (const file of files) {
      makeFolder(dirname(join(folder, file.path)), made);
      written.push(writeFile(folder, file));
    }
    return written;
  } catch (error) {
    for (const file of written.toReversed()) takeBack(file);
    for (const path of made.toReversed()) removeIfEmpty(path);
    if (!(error instanceof Error) || !("code" in error)) throw error;
    throw new CommandError(
      `nothing was written: ${error.message}; solve this, or name a folder that you may write: ${elsewhere}`,
      { cause: error },
    );
  }
}

/** Permission bit that lets all users write. */
const OPEN_TO_ALL = 0o002;

/** Throws CommandError if another user could replace files of the folder. Root may later run or read these files. */
function refuseForeign(folder: string, owners: readonly number[], elsewhere: string): void {
  let there = folder;
  while (!existsSync(there)) there = dirname(there);
  const part = exchangeablePart(realpathSync(there), { owners, closed: OPEN_TO_ALL });
  if (part === undefined) return;
  throw new CommandError(
    `nothing was written: another user may change ${part}, and so the files in ${folder}; name a folder of your own: ${elsewhere}`,
  );
}

/** Undoes a write: restores the previous file from its copy, or removes the new file. */
function takeBack({ path, keptAs }: WrittenFile): void {
  if (keptAs === undefined) rmSync(path, { force: true });
  else renameSync(keptAs, path);
}

/** Creates a folder and its parents. Appends the paths of the new ones to `made`, parents first. */
function makeFolder(path: string, made: string[]): void {
  const missing: string[] = [];
  for (let one = path; !existsSync(one); one = dirname(one)) missing.push(one);
  for (const one of missing.toReversed()) {
    mkdirSync(one);
    made.push(one);
  }
}

/** Removes a folder. A folder in which another program has put a file stays. */
function removeIfEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error)) throw error;
  }
}

const existing = (paths: readonly string[], elsewhere: string): string =>
  [
    "nothing was written, because these files already exist:",
    ...paths.map((path) => `  ${path}`),
    `Name another folder (${elsewhere}), or add --force: existing files are kept next to the new ones as .bak`,
  ].join("\n");

function writeFile(
  folder: string,
  { path: below, text, isSecret, mode = isSecret ? SECRET_MODE : 0o644 }: NewFile,
): WrittenFile {
  const path = join(folder, below);
  const parent = dirname(path);
  // Only subfolders for secrets get restricted permissions. The configuration's folder itself may contain files for
  // other users.
  if (isSecret && dirname(below) !== ".") chmodSync(parent, SECRET_FOLDER_MODE);
  const keptAs = existsSync(path) ? freeBackup(path) : undefined;
  if (keptAs !== undefined) {
    const facts = statSync(path);
    copyFileSync(path, keptAs);
    chmodSync(keptAs, facts.mode & 0o777);
  }
  // The file is first written under another name, so that an existing file is never incomplete and other users can
  // never read a secret.
  const draft = `${path}.${process.pid}.new`;
  try {
    writeFileSync(draft, text, { flag: "wx", mode });
    renameSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
  return { path, keptAs };
}

/** Returns `FILE.bak`, or the first unused name of `FILE.bak.2`, …, so that older copies are kept. */
function freeBackup(path: string): string {
  let name = `${path}.bak`;
  for (let i = 2; existsSync(name); i++) name = `${path}.bak.${i}`;
  return name;
}
