import { resolve } from "node:path";
import type { Host } from "@narthex/runtime";
import { BlockError } from "@narthex/tsdb";

export const databaseOperand = { name: "db path", required: false };

const DEFAULT_PATH = "data/";

/** A TSDB data folder: `shown` is the path as the user wrote it. */
export interface DatabasePath {
  readonly shown: string;
  readonly real: string;
}

export function databasePath(host: Host, operand: string | undefined): DatabasePath {
  const shown = operand ?? DEFAULT_PATH;
  return { shown, real: resolve(host.cwd, shown) };
}

/**
 * Returns the message for an error of the system or of the data. Returns undefined for other errors, which are bugs.
 */
export function failureText(cause: unknown, path?: DatabasePath): string | undefined {
  if (cause instanceof BlockError) return cause.message;
  const { code, syscall, path: file } = cause as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return undefined;
  const shown =
    path !== undefined && file?.startsWith(path.real) === true ? path.shown + file.slice(path.real.length) : file;
  // Node reports `scandir` if a folder cannot be listed; Go reports `open`.
  return `${syscall === "scandir" ? "open" : syscall} ${shown ?? ""}: ${SYSTEM_TEXTS[code] ?? code}`;
}

const SYSTEM_TEXTS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or directory",
  EACCES: "permission denied",
  ENOTDIR: "not a directory",
  EISDIR: "is a directory",
  ENOSPC: "no space left on device",
  EROFS: "read-only file system",
  EEXIST: "file exists",
};
