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
 * How a file is opened: "r" to read, "r+" to read and overwrite, "ax" a new file that grows at its end (fails when it
 * exists), "a" likewise but an existing one is continued, "w" a new file in place of whatever was there, "direct" likewise but
 * past the page cache where the file system can do that: writes of whole `DIRECT_BYTES` out of memory that begins at such.
 */
export type OpenMode = "r" | "r+" | "ax" | "a" | "w" | "direct";

/** A multiple of every block size of file systems and disks that is common. */
export const DIRECT_BYTES = 4096;

/** What is known of a path. */
export interface FileFacts {
  readonly size: number;
  readonly isFolder: boolean;
  readonly mtimeMs: number;
}

/**
 * The file system as the database uses it; everything it writes goes through one. Errors carry the system's `code`.
 * The simulated disk of `@narthex/tsdb/testing` is the other implementation: it fails on request and loses power.
 */
export interface Files {
  /** Returns the file's number. */
  open(path: string, mode: OpenMode): number;
  close(file: number): void;
  /** Writes at the end ("a", "ax"), else behind the last write; returns how many bytes went, which may be fewer. */
  write(file: number, bytes: Uint8Array): number;
  /** Overwrites from `position` on; for files opened with "r+" or "w". */
  writeAt(file: number, bytes: Uint8Array, position: number): number;
  /** Reads from `position` on; returns how many bytes came, 0 at the end. */
  read(file: number, into: Uint8Array, position: number): number;
  /** Likewise, off the event loop. */
  readLater(file: number, into: Uint8Array, position: number): Promise<number>;
  /** Brings the file's data to the disk, off the event loop. Its name is on the disk only after syncFolder(). */
  sync(file: number): Promise<void>;
  syncNow(file: number): void;
  /** Brings a folder's entries (new, renamed and removed names) to the disk, off the event loop. */
  syncFolder(path: string): Promise<void>;
  syncFolderNow(path: string): void;
  truncate(path: string, size: number): void;
  rename(from: string, to: string): void;
  /** A second name for a file. */
  link(from: string, to: string): void;
  copy(from: string, to: string): void;
  unlink(path: string): void;
  /** Removes a file or a folder with all in it; nothing happens when there is none. */
  remove(path: string): void;
  /** Makes a folder and those above it. */
  makeFolder(path: string): void;
  list(path: string): string[];
  stat(path: string): FileFacts;
  readWhole(path: string): Uint8Array;
}

const readPromise = promisify(read);
const syncPromise = promisify(fdatasync);

function openDirect(path: string): number {
  const { O_WRONLY, O_CREAT, O_TRUNC } = constants;
  // Only Linux has it, and not every file system takes it.
  const direct = process.platform === "linux" ? constants.O_DIRECT : 0;
  try {
    return openSync(path, O_WRONLY | O_CREAT | O_TRUNC | direct);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EINVAL") throw cause;
    return openSync(path, "w");
  }
}

/** The machine's disks. */
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
    const facts = statSync(path);
    return { size: facts.size, isFolder: facts.isDirectory(), mtimeMs: facts.mtimeMs };
  },
  readWhole: (path) => readFileSync(path),
};

/** Removes a file or a folder with all in it, beside the event loop where it can; rejects with the system's error. */
export type RemoveLater = (path: string) => Promise<void>;

/** Reads from `position` on until `into` is full or the file ends. Returns how many bytes came. */
export function readFully(files: Files, file: number, into: Uint8Array, position: number): number {
  for (let filled = 0; filled < into.length;) {
    const count = files.read(file, filled === 0 ? into : into.subarray(filled), position + filled);
    if (count === 0) return filled;
    filled += count;
  }
  return into.length;
}

/** The same off the event loop. */
export async function readFullyLater(files: Files, file: number, into: Uint8Array, position: number): Promise<number> {
  for (let filled = 0; filled < into.length;) {
    const count = await files.readLater(file, filled === 0 ? into : into.subarray(filled), position + filled);
    if (count === 0) return filled;
    filled += count;
  }
  return into.length;
}

/** An error of the disk that the database itself has found. */
export const diskError = (message: string): NodeJS.ErrnoException =>
  Object.assign(new Error(`EIO: ${message}`), { code: "EIO" });

/** Is there something of this name? */
export function exists(files: Files, path: string): boolean {
  try {
    files.stat(path);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw cause;
  }
}
