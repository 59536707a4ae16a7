import { join } from "node:path";
import { isUlid } from "../block/ulid.ts";
import { exists, type Files } from "../files.ts";

/** Folder of a data folder in which columnar blocks lie: Prometheus, which cannot read them, does not look there. */
const COLD_FOLDER = "cold";

/** Folder of a data folder in which downsampled blocks lie. */
export const DOWNSAMPLED_FOLDER = "downsampled";

/** Makes the folder of columnar blocks where it is missing. */
export function coldFolder(dir: string, files: Files): string {
  const folder = join(dir, COLD_FOLDER);
  files.makeFolder(folder);
  files.syncFolderNow(dir);
  return folder;
}

/** Folders in which blocks of a data folder lie, and what is left of unfinished ones. */
export function blockFolders(dir: string, files: Files): string[] {
  return [dir, join(dir, COLD_FOLDER)].filter((folder) => exists(files, folder));
}

/** The paths of a data folder's blocks by name; of two of one name that of the data folder itself. */
export function blockPaths(dir: string, files: Files): Map<string, string> {
  const paths = new Map<string, string>();
  for (const folder of blockFolders(dir, files)) {
    for (const name of files.list(folder)) {
      if (isUlid(name) && !paths.has(name)) paths.set(name, join(folder, name));
    }
  }
  return paths;
}
