import { join } from "node:path";
import { isUlid } from "../block/ulid.ts";
import { exists, type Files } from "../files.ts";

/** Folder with the columnar blocks of a data folder: Prometheus cannot read them and ignores this folder. */
const COLD_FOLDER = "cold";

/** Folder with the downsampled blocks of a data folder. */
export const DOWNSAMPLED_FOLDER = "downsampled";

/** Creates the folder of columnar blocks if it is missing. */
export function coldFolder(dir: string, files: Files): string {
  const folder = join(dir, COLD_FOLDER);
  files.makeFolder(folder);
  files.syncFolderNow(dir);
  return folder;
}

/** Folders that contain blocks of a data folder and the remains of unfinished blocks. */
export function blockFolders(dir: string, files: Files): string[] {
  return [dir, join(dir, COLD_FOLDER)].filter((folder) => exists(files, folder));
}

/**
 * Paths of a data folder's blocks by name. If two blocks have the same name, the one directly in the data folder
 * counts.
 */
export function blockPaths(dir: string, files: Files): Map<string, string> {
  const paths = new Map<string, string>();
  for (const folder of blockFolders(dir, files)) {
    for (const name of files.list(folder)) {
      if (isUlid(name) && !paths.has(name)) paths.set(name, join(folder, name));
    }
  }
  return paths;
}
