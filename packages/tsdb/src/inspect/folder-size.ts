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
      // Another process may have removed the file since the folder was listed. Such a file counts as 0 bytes.
      if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    }
  }
  return bytes;
}
