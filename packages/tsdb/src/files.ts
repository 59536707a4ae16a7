import {
  closeSync,
  constants,
  copyFileSync,
  fdatasync,
  fdatasyncSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  read,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { promisify } from "node:util";

/**
 * How a file is opened: "r" to read; "r+" to read and overwrite; "ax" creates a file to append to and fails if it
 * exists; "a" creates or continues a file; "w" creates or replaces a file. "direct" is like "w" but bypasses the page
 * cache if the file system can. "direct" needs writes of multiples of `DIRECT_BYTES`, from memory that is aligned to
 * `DIRECT_BYTES`.
 */
export type OpenMode = "r" | "r+" | "ax" | "a" | "w" | "direct";

/**
 * Number of bytes to which direct writes must be aligned: a multiple of all common block sizes of file systems and
 * disks.
 */
export const DIRECT_BYTES = 4096;

export interface FileStats {
  readonly size: number;
  readonly isFolder: boolean;
  readonly mtimeMs: number;
}

/**
 * The file system as the database uses it; all reads and writes go through this interface. Errors have the system's
 * `code`. The other implementation is the simulated disk of `@narthex/tsdb/testing`, which fails on request and can
 * simulate a power cut.
 */
export interface Files {
  /** Opens a file and returns its descriptor. */
  open(path: string, mode: OpenMode): number;
  close(file: number): void;
  /**
   * Writes at the end of the file (modes "a" and "ax"), or after the previous write (other modes). Returns the number
   * of bytes written, which may be smaller than requested.
   */
  write(file: number, bytes: Uint8Array): number;
  /** Overwrites bytes of a file from `position` on. The file must be open with "r+" or "w". */
  writeAt(file: number, bytes: Uint8Array, position: number): number;
  /** Reads from the file offset `position` on. Returns the number of bytes read, 0 at the end of the file. */
  read(file: number, into: Uint8Array, position: number): number;
  /** Reads as read() does, without blocking the event loop. */
  readLater(file: number, into: Uint8Array, position: number): Promise<number>;
  /**
   * Syncs the file's data to the disk, without blocking the event loop. The file's name survives a power cut only if
   * syncFolder() was called, too.
   */
  sync(file: number): Promise<void>;
  syncNow(file: number): void;
  /** Syncs a folder's entries (new, renamed and removed names) to the disk, without blocking the event loop. */
  syncFolder(path: string): Promise<void>;
  syncFolderNow(path: string): void;
  truncate(path: string, size: number): void;
  rename(from: string, to: string): void;
  link(from: string, to: string): void;
  copy(from: string, to: string): void;
  unlink(path: string): void;
  /** Removes a file, or a folder with its content. Does nothing if the path does not exist. */
  remove(path: string): void;
  /** Creates a folder and its missing parents. */
  makeFolder(path: string): void;
  list(path: string): string[];
  stat(path: string): FileStats;
  readWhole(path: string): Uint8Array;
}

const readPromise = promisify(read);
const syncPromise = promisify(fdatasync);

function openDirect(path: string): number {
  const { O_WRONLY, O_CREAT, O_TRUNC } = constants;
  // Flag for direct writes. Only Linux has O_DIRECT, and some of its file systems do not support it.
  const direct = process.platform === "linux" ? constants.O_DIRECT : 0;
  try {
    return openSync(path, O_WRONLY | O_CREAT | O_TRUNC | direct);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EINVAL") throw cause;
    return openSync(path, "w");
  }
}

export const diskFiles: Files = {
  open: (path, mode) => (mode === "direct" ? openDirect(path) : openSync(path, mode)),
  close: (file) => closeSync(file),
  write: (file, bytes) => writeSync(file, bytes),
  writeAt: (file, bytes, position) => writeSync(file, bytes, 0, bytes.length, position),
  read: (file, into, position) => readSync(file, into, 0, into.length, position),
  readLater: async (file, into, position) => (await readPromise(file, into, 0, into.length, position)).bytesRead,
  sync: (file) => syncPromise(file),
  syncNow: (file) => fdatasyncSync(file),
  async syncFolder(path) {
    const folder = await open(path, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
  syncFolderNow(path) {
    const folder = openSync(path, "r");
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  },
  truncate: (path, size) => truncateSync(path, size),
  rename: (from, to) => renameSync(from, to),
  link: (from, to) => linkSync(from, to),
  copy: (from, to) => copyFileSync(from, to),
  unlink: (path) => unlinkSync(path),
  remove: (path) => rmSync(path, { recursive: true, force: true }),
  makeFolder: (path) => void mkdirSync(path, { recursive: true }),
  list: (path) => readdirSync(path),
  stat(path) {
    const stats = statSync(path);
    return { size: stats.size, isFolder: stats.isDirectory(), mtimeMs: stats.mtimeMs };
  },
  readWhole: (path) => readFileSync(path),
};

/**
 * Removes a file, or a folder with its content. Does not block the event loop if that is possible. Rejects with the
 * system's error.
 */
export type RemoveLater = (path: string) => Promise<void>;

/** Reads from the file offset `position` on until `into` is full or the file ends. Returns the number of bytes read. */
export function readFully(files: Files, file: number, into: Uint8Array, position: number): number {
  for (let filled = 0; filled < into.length;) {
    const count = files.read(file, filled === 0 ? into : into.subarray(filled), position + filled);
    if (count === 0) return filled;
    filled += count;
  }
  return into.length;
}

/** Reads as readFully() does, without blocking the event loop. */
export async function readFullyLater(files: Files, file: number, into: Uint8Array, position: number): Promise<number> {
  for (let filled = 0; filled < into.length;) {
    const count = await files.readLater(file, filled === 0 ? into : into.subarray(filled), position + filled);
    if (count === 0) return filled;
    filled += count;
  }
  return into.length;
}

/**
 * Returns an error with the code EIO, as for a failing disk. Used when the database finds that a file has wrong
 * content.
 */
export const diskError = (message: string): NodeJS.ErrnoException =>
  Object.assign(new Error(`EIO: ${message}`), { code: "EIO" });

/** Returns whether a file or folder with this path exists. */
export function exists(files: Files, path: string): boolean {
  try {
    files.stat(path);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw cause;
  }
}
