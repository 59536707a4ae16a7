import { open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";

const FILE_MODE = 0o600;
/** Value of chown() for an owner that does not change. */
const KEEP_ID = -1;

/**
 * Replaces a file as a whole on the disk: after a power failure, the path has either the old or the new content. The
 * file keeps its mode, its group and, if the user may change owners, its owner. Rejects with the errors of node:fs.
 * @param check runs immediately before the file is replaced. If it rejects, the file stays as it is.
 */
export async function replaceDataFile(path: string, bytes: Uint8Array, check?: () => Promise<void>): Promise<void> {
  const stats = await stat(path).catch(() => undefined);
  const draft = `${path}.in_progress`;
  // Removes a temporary file that an earlier attempt has left, because it may have another mode, or be a link.
  await rm(draft, { force: true });
  const file = await open(draft, "wx", FILE_MODE);
  try {
    await file.writeFile(bytes);
    if (stats !== undefined) {
      if (process.geteuid?.() === 0) await file.chown(stats.uid, stats.gid);
      // Users may give their files to their other groups. The new file must not be readable for another group.
      else if ((await file.stat()).gid !== stats.gid) await file.chown(KEEP_ID, stats.gid);
      await file.chmod(stats.mode & 0o777);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  await check?.();
  await rename(draft, path);
  await syncFolder(dirname(path));
}

/** Writes the names of the files in a folder to the disk. Rejects with the errors of node:fs. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
