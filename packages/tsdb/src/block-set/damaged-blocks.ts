import { join } from "node:path";
import { moveAside } from "../aside.ts";
import { exists, type Files } from "../files.ts";

/** Name of the folder, inside the data folder, to which damaged blocks are moved. */
const DAMAGED_FOLDER = "damaged";

/**
 * Moves a damaged file or folder of a data folder to the folder for damaged blocks. Returns the new path. Throws the
 * system's error.
 */
export const setAside = (dir: string, path: string, files: Files): string =>
  moveAside(path, join(dir, DAMAGED_FOLDER), files);

/** Returns the names of all files and folders that were moved to the folder of damaged blocks. */
export function listDamaged(dir: string, files: Files): string[] {
  const folder = join(dir, DAMAGED_FOLDER);
  return exists(files, folder) ? files.list(folder).toSorted() : [];
}
