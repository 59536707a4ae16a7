import { basename, dirname, join } from "node:path";
import { exists, type Files } from "./files.ts";

/** How something is moved. */
export interface Move {
  /** The new name; default the same name. */
  readonly name?: string;
  /** Takes the place of what was moved there under this name before. Otherwise it gets a number. */
  readonly replaces?: boolean;
}

/** Moves something into a folder and brings both names to the disk. Returns its new path. Throws the system's error. */
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
 * Copies a file into a folder and brings the copy and its names to the disk. An equal copy is kept, so that a start which
 * is interrupted again and again makes one copy. Returns the path of the copy. Throws the system's error.
 */
export function copyAside(path: string, folder: string, name: string, files: Files): string {
  files.makeFolder(folder);
  const draft = join(folder, `${name}.tmp`);
  try {
    files.copy(path, draft);
  } catch (cause) {
    // A full disk must not be kept full by a part of a copy.
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

/** The path with the first number that nothing has. */
function freePath(path: string, files: Files): string {
  let free = path;
  for (let copy = 2; exists(files, free); copy++) free = `${path}.${copy}`;
  return free;
}

/** The file among the numbered ones of a path that has the same content as another one. */
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
