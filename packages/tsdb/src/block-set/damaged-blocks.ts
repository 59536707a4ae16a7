import { join } from "node:path";
import { moveAside } from "../aside.ts";
import { exists, type Files } from "../files.ts";

/** Folder within a data folder to which damaged blocks are moved. */
const DAMAGED_FOLDER = "damaged";

/** Moves a file or folder out of the data folder and returns its new path. Throws the system's error. */
export const setAside = (dir: string, path: string, files: Files): string =>
  moveAside(path, join(dir, DAMAGED_FOLDER), files);

/** Names of the files and folders that this process or earlier ones have moved aside. */
export function listDamaged(dir: string, files: Files): string[] {
  const folder = join(dir, DAMAGED_FOLDER);
  return exists(files, folder) ? files.list(folder).toSorted() : [];
}
