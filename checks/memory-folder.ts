import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Linux' folder in memory. */
const SHARED_MEMORY = "/dev/shm";
/** Free space that the folder must have, bytes: more than the tests of any suite use. */
const LEAST_FREE = 2 * 1024 ** 3;
const PREFIX = "narthex-tests-";

/**
 * Creates a folder in memory for the temporary files of tests, which otherwise wait for the disk most of their time.
 * Removes the folders of processes that have ended without removing them. Returns undefined if the machine has no such
 * folder, if the folder has too little space, or if programs in it cannot run.
 */
export function newMemoryFolder(parent: string = SHARED_MEMORY): string | undefined {
  try {
    removeLeftovers(parent);
    const { bavail, bsize } = statfsSync(parent);
    const folder = join(parent, `${PREFIX}${process.pid}`);
    if (bavail * bsize < LEAST_FREE) return undefined;
    mkdirSync(folder);
    // Lets other users enter the folder, because servers of tests may run as another user.
    chmodSync(folder, 0o711);
    if (runsPrograms(folder)) return folder;
    rmSync(folder, { recursive: true });
  } catch {
    // Returns undefined, because the machine has no such folder, or this user may not write to it.
  }
  return undefined;
}

function removeLeftovers(parent: string): void {
  for (const name of readdirSync(parent)) {
    if (name.startsWith(PREFIX) && !existsSync(`/proc/${name.slice(PREFIX.length)}`))
      rmSync(join(parent, name), { recursive: true, force: true });
  }
}

function runsPrograms(folder: string): boolean {
  const program = join(folder, "program");
  writeFileSync(program, "#!/bin/sh\n", { mode: 0o700 });
  const { status } = spawnSync(program);
  rmSync(program);
  return status === 0;
}
