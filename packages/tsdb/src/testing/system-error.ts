import { ThreadDied } from "../compact/compaction-thread.ts";
import { CheckpointLeftover } from "../wal/truncation.ts";

const SENTENCES: Readonly<Record<string, string>> = {
  EBADF: "bad file descriptor",
  EEXIST: "file already exists",
  EIO: "i/o error",
  EISDIR: "illegal operation on a directory",
  ENOENT: "no such file or directory",
  ENOSPC: "no space left on device",
  ENOTDIR: "not a directory",
  ENOTEMPTY: "directory not empty",
};

/** Returns an error in the form of the system's errors. */
export const systemError = (code: string, subject: string): NodeJS.ErrnoException =>
  Object.assign(new Error(`${code}: ${SENTENCES[code] ?? code}, ${subject}`), { code });

/**
 * Returns whether an error comes from the disk or a thread. Node's own errors, for instance for a wrong argument, also
 * have codes.
 */
export const isSystemError = (cause: unknown): boolean =>
  cause instanceof CheckpointLeftover ||
  cause instanceof ThreadDied ||
  /^E[A-Z]+$/.test((cause as NodeJS.ErrnoException).code ?? "");
