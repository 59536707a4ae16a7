import { basename, dirname, join } from "node:path";
import { exists, type Files } from "../files.ts";

/** Folder of a data folder that damaged blocks are moved to. */
export const DAMAGED_FOLDER = "damaged";

/** Moves something out of the data folder to where nobody reads it; returns its new path. Throws the system's error. */
export function setAside(dir: string, path: string, files: Files): string {
  const folder = join(dir, DAMAGED_FOLDER);
  const name = basename(path);
  files.makeFolder(folder);
  let target = join(folder, name);
  for (let copy = 2; exists(files, target); copy++) target = join(folder, `${name}.${copy}`);
  files.rename(path, target);
  files.syncFolderNow(folder);
  files.syncFolderNow(dirname(path));
  return target;
}

/** Names of what was set aside, by this process or earlier ones. */
export function listDamaged(dir: string, files: Files): string[] {
  const folder = join(dir, DAMAGED_FOLDER);
  return exists(files, folder) ? files.list(folder).toSorted() : [];
}
