import { open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";

/** The mode of a file that was not there. */
const FILE_MODE = 0o600;

/**
 * Replaces a file as a whole, on the disk: a power cut leaves the old one or the new one. It keeps its mode and, where this
 * user may give files away, its owner. Rejects as node:fs does.
 */
export async function replaceDataFile(path: string, bytes: Uint8Array): Promise<void> {
  const facts = await stat(path).catch(() => undefined);
  const draft = `${path}.in_progress`;
  // What an earlier try has left may have another mode, or lead elsewhere.
  await rm(draft, { force: true });
  const file = await open(draft, "wx", FILE_MODE);
  try {
    await file.writeFile(bytes);
    if (facts !== undefined) {
      if (process.geteuid?.() === 0) await file.chown(facts.uid, facts.gid);
      await file.chmod(facts.mode & 0o777);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  const folder = await open(dirname(path), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
