import { randomUUID } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
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
 * Claims a file for this process, for file systems without locks: writes the process into the file. Returns the
 * function that releases the file. Throws FileLockedError if the file names another process that runs, or that cannot
 * be checked because it is of another host.
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

/** Name of the file in a guard that names the process of the guard. */
const OWNER = "owner";

/** Runs a function while no other process claims the file. */
function alone<T>(path: string, run: () => T): T {
  const guard = `${path}.claim`;
  const own = `${guard}-${randomUUID()}`;
  mkdirSync(own);
  try {
    writeOwner(own, guard);
    enter(guard, own);
    removeLeft(guard);
    try {
      return run();
    } finally {
      // Moves the folder before its files are removed, so that other processes always find its owner in it.
      renameSync(guard, own);
    }
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

/** Records this process as the owner of its folder. Throws FileLockedError if another process has removed it. */
function writeOwner(own: string, guard: string): void {
  try {
    writeFileSync(join(own, OWNER), ownerRecord(process.pid));
  } catch (cause) {
    // removeLeft() of another process removes folders that are still empty.
    if (existsSync(own)) throw cause;
    throw new FileLockedError(guard);
  }
}

/**
 * Maximum number of nested guards of ended processes. Only a safety limit: a process leaves its guard only if it is
 * killed within the millisecond of the claim.
 */
const MAX_LEFT = 100;

/**
 * Makes a folder the guard. Throws FileLockedError if another process has the guard. The guard of an ended process is
 * not removed, because two processes that start at once could each remove the other's new guard. Instead, the folder
 * becomes the guard inside that guard, which also only one process can create.
 */
function enter(guard: string, own: string): void {
  const left: { readonly owner: string; readonly record: string }[] = [];
  for (let place = guard; left.length < MAX_LEFT; place = join(place, "next")) {
    if (moved(own, place)) {
      // Checks that the outer guards, which contain the new guard, still belong to ended processes.
      if (left.every(({ owner, record }) => read(owner) === record)) return;
      rmSync(place, { recursive: true, force: true });
      break;
    }
    const owner = join(place, OWNER);
    const record = read(owner);
    if (record === "" || mayRun(record)) break;
    left.push({ owner, record });
  }
  throw new FileLockedError(guard);
}

/**
 * Removes the folders that ended processes have left next to the guard. A folder is empty if its process ended before
 * it wrote its owner into the folder.
 */
function removeLeft(guard: string): void {
  const folder = dirname(guard);
  for (const name of readdirSync(folder).filter((other) => other.startsWith(`${basename(guard)}-`))) {
    const left = join(folder, name);
    const record = read(join(left, OWNER));
    if (record === "") removeEmpty(left);
    else if (!mayRun(record)) rmSync(left, { recursive: true, force: true });
  }
}

/** Removes a folder if it is empty. */
function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Ignores the error: the folder contains files, or another process has removed it.
  }
}

/** Moves a folder to a path. Returns false if the path has a folder with files, or if its parent is gone. */
function moved(folder: string, path: string): boolean {
  try {
    renameSync(folder, path);
    return true;
  } catch (cause) {
    // File systems refuse the move with different errors.
    if (existsSync(path) || !existsSync(dirname(path))) return false;
    throw cause;
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

/**
 * Reports whether the process in a record may still run. Records of earlier versions contain only the process number.
 */
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
