import { join } from "node:path";
import { FileLockedError, lockFile } from "@narthex/runtime";

/** Error that another process uses the data folder. */
export class FolderLockedError extends Error {
  override readonly name = "FolderLockedError";

  constructor(dir: string, lock: string = join(dir, "lock")) {
    super(
      `the data folder "${dir}" is in use by another process (it holds a lock on ${lock}): ` +
        "stop that process or choose another folder",
    );
  }
}

/**
 * A lock on a data folder. The type is declared in this package, because the published library must not depend on
 * Node's types.
 */
export interface FolderLock {
  /** Whether an earlier process has left a lock file. */
  readonly replaced: boolean;
  readonly kind: "flock" | "pid";
  release(): void;
}

/** Locks the data folder for this process. Rejects with FolderLockedError if another process has the lock. */
export async function lockFolder(dir: string): Promise<FolderLock> {
  try {
    return await lockFile(join(dir, "lock"));
  } catch (error) {
    throw error instanceof FileLockedError ? new FolderLockedError(dir, error.path) : error;
  }
}
