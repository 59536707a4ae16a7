import { join } from "node:path";
import { isUlid } from "../block/ulid.ts";
import { exists, type Files } from "../files.ts";

/**
 * Folder for columnar blocks (our own compressed format), inside the data folder. Prometheus cannot read these blocks
 * and ignores the folder.
 */
const COLD_FOLDER = "cold";

/** Folder for blocks with downsampled data, inside the data folder. */
export const DOWNSAMPLED_FOLDER = "downsampled";

/** Returns the path of the folder of columnar blocks, and creates the folder if it is missing. */
export function coldFolder(dir: string, files: Files): string {
  const folder = join(dir, COLD_FOLDER);
  files.makeFolder(folder);
  files.syncFolderNow(dir);
  return folder;
}

/** Returns the folders in which a data folder's blocks, and leftovers of unfinished blocks, can be. */
export function blockFolders(dir: string, files: Files): string[] {
  return [dir, join(dir, COLD_FOLDER)].filter((folder) => exists(files, folder));
}

/**
 * Returns the paths of a data folder's blocks by name. If two blocks have the same name, returns the path of the block
 * directly in the data folder.
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
