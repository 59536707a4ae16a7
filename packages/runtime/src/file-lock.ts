import { closeSync, constants as fileConstants, existsSync, fstatSync, openSync, rmSync, statSync } from "node:fs";
import { constants } from "node:os";
import { claimFile, FileLockedError } from "./file-claim.ts";

const LOCK_EX = 2;
const LOCK_NB = 4;
const LIBRARIES: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: ["libc.so.6", "libc.so"],
  darwin: ["libSystem.dylib"],
};

export interface FileLock {
  /** Whether an earlier process has left a lock file. */
  readonly replaced: boolean;
  /**
   * "flock" is a lock of the system, which ends with the process and which Prometheus respects. "pid" is only the
   * process number in the file.
   */
  readonly kind: "flock" | "pid";
  release(): void;
}

/**
 * Maximum number of retries when an owner removes the lock file while this process opens it. Only a safety limit that
 * is not reached in practice.
 */
const MAX_RELEASES = 100;

/** System calls of lockFile. Tests replace them. */
export interface LockCalls {
  readonly platform: NodeJS.Platform;
  /** Opens the lock file. */
  open(path: string, flags: string | number): number;
  /** Returns undefined if the platform has no flock. */
  flock(): Promise<Flock | undefined>;
}

const SYSTEM: LockCalls = { platform: process.platform, open: openSync, flock: loadFlock };

/**
 * Locks a file for this process, and creates it if it is missing. Rejects with FileLockedError if another process has
 * the lock, or with the system's error.
 */
export async function lockFile(path: string, replacedCalls: Partial<LockCalls> = {}): Promise<FileLock> {
  const calls = { ...SYSTEM, ...replacedCalls };
  const replaced = existsSync(path);
  if (calls.platform === "win32") return { replaced, kind: "flock", ...openAlone(path, calls) };
  const flock = await calls.flock();
  let file = calls.open(path, "a+");
  let verdict = flock?.(file) ?? "unsupported";
  // An owner removes the file before it releases the lock. If this process had opened the file earlier, it would now
  // have locked a removed file, so it opens the path again.
  for (let i = 0; verdict === "locked" && !isFileOf(file, path) && i < MAX_RELEASES; i++) {
    closeSync(file);
    file = calls.open(path, "a+");
    verdict = flock!(file);
  }
  if (verdict === "unsupported") {
    closeSync(file);
    return { replaced, kind: "pid", release: claimFile(path) };
  }
  if (verdict === "taken" || !isFileOf(file, path)) {
    closeSync(file);
    throw new FileLockedError(path);
  }
  return {
    replaced,
    kind: "flock",
    release() {
      rmSync(path, { force: true });
      closeSync(file);
    },
  };
}

/**
 * libuv's UV_FS_O_EXLOCK on Windows: no other process can open the file. Prometheus locks its folder in the same way.
 */
const EXCLUSIVE = 0x10000000;

/** Opens a file so that Windows refuses to open it again until it is closed or the process ends. */
function openAlone(path: string, calls: LockCalls): Pick<FileLock, "release"> {
  let file: number;
  try {
    file = calls.open(path, fileConstants.O_RDWR | fileConstants.O_CREAT | EXCLUSIVE);
  } catch (cause) {
    throw (cause as NodeJS.ErrnoException).code === "EBUSY" ? new FileLockedError(path) : cause;
  }
  return {
    release() {
      closeSync(file);
      try {
        rmSync(path, { force: true });
      } catch {
        // Ignores the error: the file cannot be removed while the next owner has it open.
      }
    },
  };
}

/** Returns whether an open file is still the file at `path`. */
function isFileOf(file: number, path: string): boolean {
  const named = statSync(path, { bigint: true, throwIfNoEntry: false });
  const { ino, dev } = fstatSync(file, { bigint: true });
  return named?.ino === ino && named.dev === dev;
}

/** Result of locking a file. "unsupported" means that the file system has no locks, for example some network mounts. */
type Verdict = "locked" | "taken" | "unsupported";

type Flock = (file: number) => Verdict;

async function loadFlock(): Promise<Flock | undefined> {
  try {
    const { default: koffi } = await import("koffi");
    for (const name of LIBRARIES[process.platform] ?? []) {
      try {
        const flock = koffi.load(name).func("int flock(int, int)");
        return (file) => {
          if (flock(file, LOCK_EX | LOCK_NB) === 0) return "locked";
          return koffi.errno() === constants.errno.EWOULDBLOCK ? "taken" : "unsupported";
        };
      } catch {
        // Tries the next library name.
      }
    }
  } catch {
    // Ignores the error: koffi has no binary for this platform.
  }
  return undefined;
}
