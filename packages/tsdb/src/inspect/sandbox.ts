import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { diskFiles, exists, type Files } from "../files.ts";

const PREFIX = "tmp_dbro_sandbox";

/**
 * Creates a temporary folder for the files that are created while a database is read. Uses `root`, or the system's
 * temporary folder if `root` is not writable. The caller must remove the folder.
 */
export function makeSandbox(root: string): string {
  try {
    return mkdtempSync(join(root, PREFIX));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== "EACCES" && code !== "EPERM" && code !== "EROFS") throw cause;
    return mkdtempSync(join(tmpdir(), PREFIX));
  }
}

/** Creates hard links to the files of a folder in another folder. Copies them if the folders are on different disks. */
export function linkFiles(from: string, to: string, files: Files = diskFiles): void {
  files.makeFolder(to);
  if (!exists(files, from)) return;
  for (const name of files.list(from)) {
    try {
      files.link(join(from, name), join(to, name));
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code !== "EXDEV" && code !== "EPERM") throw cause;
      files.copy(join(from, name), join(to, name));
    }
  }
}
