import { dirname } from "node:path";
import type { Files } from "../files.ts";

/** Gives a file new content, whole or not at all: written beside it, brought to the disk, then renamed. */
export function replaceFile(path: string, bytes: Uint8Array, files: Files): void {
  const temporary = `${path}.tmp`;
  const file = files.open(temporary, "w");
  try {
    for (let at = 0; at < bytes.length;) at += files.write(file, bytes.subarray(at));
    files.syncNow(file);
  } finally {
    files.close(file);
  }
  files.rename(temporary, path);
  files.syncFolderNow(dirname(path));
}
