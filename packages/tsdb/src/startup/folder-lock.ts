import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";

const LOCK_EX = 2;
const LOCK_NB = 4;
const LIBRARIES: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: ["libc.so.6", "libc.so"],
  darwin: ["libSystem.dylib"],
};

/** The folder is in use by another process. */
export class FolderLockedError extends Error {
  override readonly name = "FolderLockedError";

  constructor(dir: string) {
    super(
      `the data folder "${dir}" is in use by another process (it holds a lock on ${join(dir, "lock")}): ` +
        "stop that process or choose another folder",
    );
  }
}

export interface FolderLock {
  /** A lock file of an earlier process was there. */
  readonly replaced: boolean;
  /** Real flock, which Prometheus sees too, or only our own process number in the file. */
  readonly kind: "flock" | "pid";
  release(): void;
}

/** Takes the data folder for this process. Throws FolderLockedError when another one has it. */
export async function lockFolder(dir: string): Promise<FolderLock> {
  const path = join(dir, "lock");
  const replaced = existsSync(path);
  const flock = await loadFlock();
  const file = openSync(path, "a+");
  const verdict = flock?.(file) ?? "unsupported";
  try {
    if (verdict === "taken") throw new FolderLockedError(dir);
    if (verdict === "unsupported") {
      checkPid(dir, path);
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

/** "unsupported": this file system has no locks (some network and desktop mounts). */
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
        // The next name.
      }
    }
  } catch {
    // koffi has no binary for this platform.
  }
  return undefined;
}

function checkPid(dir: string, path: string): void {
  if (!existsSync(path)) return;
  const pid = Number(readFileSync(path, "utf8"));
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return;
  try {
    process.kill(pid, 0);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ESRCH") return;
  }
  throw new FolderLockedError(dir);
}
