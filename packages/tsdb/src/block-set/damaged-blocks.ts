import { join } from "node:path";
import { moveAside } from "../aside.ts";
import { exists, type Files } from "../files.ts";

/** Folder of a data folder that damaged blocks are moved to. */
export const DAMAGED_FOLDER = "damaged";

/** Moves something out of the data folder to where nobody reads it; returns its new path. Throws the system's error. */
export const setAside = (dir: string, path: string, files: Files): string =>
  moveAside(path, join(dir, DAMAGED_FOLDER), files);

/** Names of what was set aside, by this process or earlier ones. */
export function listDamaged(dir: string, files: Files): string[] {
  const folder = join(dir, DAMAGED_FOLDER);
  return exists(files, folder) ? files.list(folder).toSorted() : [];
}
