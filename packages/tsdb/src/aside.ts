import { basename, dirname, join } from "node:path";
import { exists, type Files } from "./files.ts";

export interface Move {
  /** Name that the file or folder gets in its new folder; by default it keeps its name. */
  readonly name?: string;
  /** Whether an existing file or folder of this name is replaced. Otherwise a number is appended to the new name. */
  readonly replaces?: boolean;
}

/**
 * Moves a file or folder into another folder and syncs both folders. Returns the new path. Throws the system's error.
 */
export function moveAside(
  path: string,
  folder: string,
  files: Files,
  { name = basename(path), replaces = false }: Move = {},
): string {
  files.makeFolder(folder);
  const target = replaces ? join(folder, name) : freePath(join(folder, name), files);
  files.rename(path, target);
  for (const changed of [folder, dirname(folder), dirname(path)]) files.syncFolderNow(changed);
  return target;
}

/**
 * Copies a file into a folder, syncs the copy and the folder, and returns the path of the copy. An existing copy with
 * the same content is kept, so that repeated interrupted starts make only one copy. Throws the system's error.
 */
export function copyAside(path: string, folder: string, name: string, files: Files): string {
  files.makeFolder(folder);
  const draft = join(folder, `${name}.tmp`);
  try {
    files.copy(path, draft);
  } catch (cause) {
    // Removes the incomplete copy, because the disk may be full.
    files.remove(draft);
    throw cause;
  }
  const target = equalFile(draft, join(folder, name), files) ?? freePath(join(folder, name), files);
  files.rename(draft, target);
  const file = files.open(target, "r+");
  try {
    files.syncNow(file);
  } finally {
    files.close(file);
  }
  for (const changed of [folder, dirname(folder)]) files.syncFolderNow(changed);
  return target;
}

/** Returns the path if it is unused. Otherwise appends the first number for which the path is unused. */
function freePath(path: string, files: Files): string {
  let free = path;
  for (let copy = 2; exists(files, free); copy++) free = `${path}.${copy}`;
  return free;
}

/**
 * Searches a path and its numbered variants for a file whose content equals that of the file `other`. Returns the path
 * of the file found, or undefined.
 */
function equalFile(other: string, path: string, files: Files): string | undefined {
  const bytes = files.readWhole(other);
  let numbered = path;
  for (let copy = 2; exists(files, numbered); copy++) {
    const isAsLong = files.stat(numbered).size === bytes.length;
    if (isAsLong && Buffer.compare(files.readWhole(numbered), bytes) === 0) return numbered;
    numbered = `${path}.${copy}`;
  }
  return undefined;
}
