import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { processExists } from "@narthex/runtime";

/**
 * Removes the pid files of processes that have ended from a bundle. Returns the process ids of the running ones. The
 * launcher writes a pid file for each role that it starts, so that the bundle stays while the role runs.
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
 * Removes the pid file of this process when the process ends, and those of processes that were killed. Does nothing if
 * the launcher wrote no pid file into the folder.
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

/** Position of the start time in /proc/<pid>/stat, counted from the field after the command's name. */
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
    // Another user owns the folder.
  }
}
