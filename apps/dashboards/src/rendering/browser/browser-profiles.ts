import { lstat, mkdtemp, opendir, rm } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { processExists } from "@narthex/runtime";

/** Maximum number of entries of the temporary folder that are looked at, and of folders that are removed. */
const [MAX_ENTRIES, MAX_REMOVED] = [10_000, 200];

/** Matches the rest of a folder's name: the process that made it, and random characters. */
const OWNER_AND_RANDOM = /^(\d{1,10})-[A-Za-z0-9]{6}$/;

/** Begin of the names of this machine's folders. Containers that share a temporary folder have different names. */
const prefixOf = (machine: string): string =>
  `narthex-render-${machine.replaceAll(/[^A-Za-z0-9]/g, "-").slice(0, 63)}-`;

/** The folders of this process, and the number of those that are being made. */
const inUse = new Set<string>();
let making = 0;

/** Makes a folder for the data of one run of the browser. Its name contains the process that removes it. */
export async function makeProfile(): Promise<string> {
  making++;
  try {
    const folder = await mkdtemp(join(tmpdir(), `${prefixOf(hostname())}${process.pid}-`));
    inUse.add(folder);
    return folder;
  } finally {
    making--;
  }
}

/** Removes a folder with all files of the browser. Links in it are removed, not followed. */
export async function removeProfile(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  inUse.delete(folder);
}

interface Machine {
  readonly folder: string;
  readonly name: string;
  /** Id of this process. Folders with this id that this process has not made are of an earlier process. */
  readonly pid: number;
}

/**
 * Removes the folders of processes of this machine that were killed. Returns the number of removed folders. Rejects if
 * the temporary folder cannot be read.
 */
export async function removeDeadProfiles(
  { folder, name, pid }: Machine = { folder: tmpdir(), name: hostname(), pid: process.pid },
  isAlive: (pid: number) => boolean = processExists,
): Promise<number> {
  const prefix = prefixOf(name);
  let [seen, removed] = [0, 0];
  for await (const entry of await opendir(folder)) {
    if (++seen > MAX_ENTRIES || removed >= MAX_REMOVED) break;
    if (!entry.name.startsWith(prefix)) continue;
    const owner = Number(OWNER_AND_RANDOM.exec(entry.name.slice(prefix.length))?.[1] ?? 0);
    if (owner === 0 || (owner !== pid && isAlive(owner))) continue;
    const path = join(folder, entry.name);
    if (!(await isOwnFolder(path)) || inUse.has(path) || (owner === pid && making > 0)) continue;
    await removeProfile(path);
    removed++;
  }
  return removed;
}

/** Reports whether a path is a folder, not a link, of this process's user. */
async function isOwnFolder(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found?.isDirectory() === true && found.uid === process.getuid?.();
}
