import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { constants } from "node:os";

const LOCK_EX = 2;
const LOCK_NB = 4;
const LIBRARIES: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: ["libc.so.6", "libc.so"],
  darwin: ["libSystem.dylib"],
};

/** Another process holds the lock. */
export class FileLockedError extends Error {
  override readonly name = "FileLockedError";

  constructor(path: string) {
    super(`another process holds the lock on ${path}; if no such process runs, remove the file`);
  }
}

export interface FileLock {
  /** Whether an earlier process has left a lock file. */
  readonly replaced: boolean;
  /** "flock" is a lock of the system, which Prometheus respects, too. "pid" is only the process number in the file. */
  readonly kind: "flock" | "pid";
  release(): void;
}

/**
 * Maximum number of retries when an owner removes the lock file while this process opens it. Only a safety limit that
 * is not reached in practice.
 */
const MAX_RELEASES = 100;

/**
 * Locks a file for this process, and creates it if it is missing. Rejects with FileLockedError if another process has
 * the lock, or with the system's error.
 * @param open opens the lock file; tests replace it
 */
export async function lockFile(path: string, open = (file: string) => openSync(file, "a+")): Promise<FileLock> {
  const replaced = existsSync(path);
  const flock = await loadFlock();
  let file = open(path);
  let verdict = flock?.(file) ?? "unsupported";
  // An owner removes the file before it releases the lock. A process that opened the file earlier would then lock a
  // removed file, so it opens the file again.
  for (let i = 0; verdict === "locked" && !isFileOf(file, path) && i < MAX_RELEASES; i++) {
    closeSync(file);
    file = open(path);
    verdict = flock!(file);
  }
  try {
    if (verdict === "taken" || (verdict === "locked" && !isFileOf(file, path))) throw new FileLockedError(path);
    if (verdict === "unsupported") {
      checkPid(path);
      ftruncateSync(file, 0);
      writeSync(file, `${process.pid}\n`);
    }
  } catch (cause) {
    closeSync(file);
    throw cause;
  }
  return {
    replaced,
    kind: verdict === "locked" ? "flock" : "pid",
    release() {
      rmSync(path, { force: true });
      closeSync(file);
    },
  };
}

/** Returns whether an open file is still the file with this name. */
function isFileOf(file: number, path: string): boolean {
  const named = statSync(path, { bigint: true, throwIfNoEntry: false });
  const { ino, dev } = fstatSync(file, { bigint: true });
  return named?.ino === ino && named.dev === dev;
}

/** Result of locking a file. "unsupported" means that the file system has no locks, for example some network mounts. */
type Verdict = "locked" | "taken" | "unsupported";

async function loadFlock(): Promise<((file: number) => Verdict) | undefined> {
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
    // koffi has no binary for this platform.
  }
  return undefined;
}

function checkPid(path: string): void {
  if (!existsSync(path)) return;
  const pid = Number(readFileSync(path, "utf8"));
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return;
  try {
    process.kill(pid, 0);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ESRCH") return;
  }
  throw new FileLockedError(path);
}
