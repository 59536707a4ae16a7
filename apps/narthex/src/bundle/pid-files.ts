import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { processExists } from "@narthex/runtime";

/**
 * Removes the pid files of ended processes from a bundle, and returns the ids of the running ones. The launcher writes
 * a pid file for each server that it starts, so that the bundle is kept while the server runs.
 */
export function runningPids(bundle: string, proc = "/proc"): readonly number[] {
  return readdirSync(bundle).flatMap((name) => {
    const digits = /^pid\.(\d{1,10})$/.exec(name)?.[1];
    if (digits === undefined) return [];
    const pid = Number(digits);
    if (isRunning(join(bundle, name), pid, proc)) return [pid];
    removeQuietly(join(bundle, name));
    return [];
  });
}

/**
 * Registers the removal of this process's pid file at exit, and removes those of killed processes. Does nothing if the
 * launcher wrote no pid file into the folder.
 */
export function removePidFileAtExit(bundle: string, current: NodeJS.Process = process): void {
  const own = join(bundle, `pid.${current.pid}`);
  if (!existsSync(own)) return;
  try {
    runningPids(bundle);
  } catch {
    // Ignores the error: the files stay until the next start.
  }
  current.on("exit", () => removeQuietly(own));
}

/**
 * Reports whether the process that wrote the file runs. The file contains the launcher's /proc/<pid>/stat. Without
 * /proc, the file is empty, and any process with this number counts.
 */
function isRunning(path: string, pid: number, proc: string): boolean {
  if (!processExists(pid)) return false;
  const written = startOf(path);
  const now = startOf(join(proc, String(pid), "stat"));
  return written === undefined || now === undefined || written === now;
}

/** Index of the start time in /proc/<pid>/stat, counted from the field after the command's name. */
const START_FIELD = 19;

/** Returns the start time of a process in clock ticks since the start of the machine. */
function startOf(path: string): string | undefined {
  try {
    const stat = readFileSync(path, "latin1");
    return stat
      .slice(stat.lastIndexOf(")") + 2)
      .trimEnd()
      .split(" ")[START_FIELD];
  } catch {
    return undefined;
  }
}

function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Ignores the error: another user owns the folder.
  }
}
