import { join } from "node:path";
import { exists, type Files } from "../files.ts";

/** Returns the size of all files in a folder and its subfolders, bytes; 0 if the folder does not exist. */
export function folderBytes(path: string, files: Files): number {
  if (!exists(files, path)) return 0;
  let bytes = 0;
  for (const name of files.list(path)) {
    const inner = join(path, name);
    try {
      const { isFolder, size } = files.stat(inner);
      bytes += isFolder ? folderBytes(inner, files) : size;
    } catch (cause) {
      // Counts a missing file as 0 bytes, because another process may have removed it since the folder was listed.
      if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    }
  }
  return bytes;
}
