import { mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { processExists } from "./process-exists.ts";

/** Another process holds the lock. */
export class FileLockedError extends Error {
  override readonly name = "FileLockedError";

  /** Path of the lock file or lock folder that the other process has created. */
  readonly path: string;

  constructor(path: string) {
    super(`another process holds the lock on ${path}; if no such process runs, remove it`);
    this.path = path;
  }
}

/**
 * Claims a file for this process, for file systems without locks: writes the process into the file. Returns the function
 * that releases the file. Throws FileLockedError if the file names another process that runs, or that cannot be checked
 * because it is of another host.
 */
export function claimFile(path: string): () => void {
  const own = ownerRecord(process.pid);
  return alone(path, () => {
    if (mayRun(read(path))) throw new FileLockedError(path);
    writeFileSync(path, own);
    return () => {
      if (read(path) === own) rmSync(path, { force: true });
    };
  });
}

/** Runs a function while no other process claims the file. A folder can be created once on every file system. */
function alone<T>(path: string, run: () => T): T {
  const guard = `${path}.claim`;
  try {
    mkdirSync(guard);
  } catch (cause) {
    throw (cause as NodeJS.ErrnoException).code === "EEXIST" ? new FileLockedError(guard) : cause;
  }
  try {
    return run();
  } finally {
    rmdirSync(guard);
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** Returns a process number, the start of that process, and the host, each in a line. */
const ownerRecord = (pid: number): string => `${pid}\n${startOf(pid)}\n${hostname()}\n`;

/** Returns whether the process of a record may run. Earlier versions wrote only the process number. */
function mayRun(record: string): boolean {
  const [pid = "", start = "", host = hostname()] = record.split("\n");
  if (!/^[1-9]\d*$/.test(pid)) return false;
  if (host !== hostname() && host !== "") return true;
  const isOwn = Number(pid) === process.pid;
  if (!processExists(Number(pid))) return false;
  const now = startOf(Number(pid));
  return start === "" || now === "" ? !isOwn : start === now;
}

/**
 * Returns the boot and the tick at which a process started, so that a later process with the same number differs.
 * Returns an empty string on systems without /proc.
 */
function startOf(pid: number): string {
  const boot = read("/proc/sys/kernel/random/boot_id").trim();
  // The name of the program, in parentheses, may contain spaces. Field 22 is the start in ticks since the boot.
  const ticks = read(`/proc/${pid}/stat`).split(") ").at(-1)?.split(" ")[19];
  return boot === "" || ticks === undefined ? "" : `${boot} ${ticks}`;
}
