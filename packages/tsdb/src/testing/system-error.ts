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

/** An error as the system throws it. */
export const systemError = (code: string, subject: string): NodeJS.ErrnoException =>
  Object.assign(new Error(`${code}: ${SENTENCES[code] ?? code}, ${subject}`), { code });

/** Reports whether an error is the disk's or a thread's. Node's own ones, of a wrong argument for instance, have codes too. */
export const isSystemError = (cause: unknown): boolean =>
  cause instanceof CheckpointLeftover ||
  cause instanceof ThreadDied ||
  /^E[A-Z]+$/.test((cause as NodeJS.ErrnoException).code ?? "");
