import { closeSync, openSync, readSync } from "node:fs";
import type { FileTree } from "../host-files/host-files.ts";

/** Number of failed opens after which a missing file is not opened until the next retry. */
const PATIENCE = 8;

/** Time in ms after which missing files are opened again, because a controller may have been enabled. */
const RETRY_MS = 60_000;

/**
 * Largest number of bytes that one read of a kernel file returns. A shorter read of a file with a single record has
 * reached the file's end.
 */
const PAGE = 4096;

let scratch = Buffer.allocUnsafe(16 * PAGE);

/**
 * Reads files of cgroups. A missing file reads as undefined, because a cgroup may disappear between two reads. If
 * several cgroups in a row lack a file, and other cgroups never had it, the file is skipped for a while, because a
 * failed open costs more than several successful opens.
 */
export class CgroupFiles {
  readonly #sys: FileTree;
  /** Number of times that a file was missing, by file name; -1 after a file with this name was found in any cgroup. */
  readonly #misses = new Map<string, number>();
  #forgotAt = Number.NEGATIVE_INFINITY;

  constructor(sys: FileTree) {
    this.#sys = sys;
  }

  /**
   * Begins a scrape. Forgets which files are missing, at most once in RETRY_MS.
   * @param now ms of the monotonic clock
   */
  begin(now: number): void {
    if (now - this.#forgotAt < RETRY_MS) return;
    this.#forgotAt = now;
    for (const [name, misses] of this.#misses) if (misses > 0) this.#misses.delete(name);
  }

  /**
   * Returns the text of a cgroup's file, or undefined if it is missing.
   * @param folder path below /sys, without a slash at its end
   */
  read(folder: string, name: string): string | undefined {
    const misses = this.#misses.get(name) ?? 0;
    if (misses >= PATIENCE) return undefined;
    const text = readAscii(this.#sys.path(`${folder}/${name}`), PAGE);
    if (misses !== -1 && text !== null) this.#misses.set(name, text === undefined ? misses + 1 : -1);
    return text ?? undefined;
  }

  /**
   * Reads a file with many records, such as `cgroup.procs`, to its end. A single read would return only the first
   * records.
   */
  list(folder: string, name: string): string | undefined {
    return readAscii(this.#sys.path(`${folder}/${name}`), 1) ?? undefined;
  }

  /** Reads a file that contains one number. Returns NaN if it is missing, and Infinity if it contains `max`. */
  number(folder: string, name: string): number {
    return numberIn(this.read(folder, name));
  }
}

/** Error codes that report a shortage of descriptors or memory, not a problem of the file. */
const EXHAUSTED = new Set(["EMFILE", "ENFILE", "ENOMEM"]);

/**
 * Returns the text of a file. Returns undefined if the file cannot be read, and null if this process lacks descriptors
 * or memory. Does not use FileTree, because there are thousands of these files and a missing file is not an error.
 * @param least size in bytes; a read of fewer bytes has reached the end of the file
 */
function readAscii(path: string, least: number): string | undefined | null {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  let fd = -1;
  try {
    fd = openSync(path, "r");
    let length = 0;
    for (;;) {
      if (scratch.length - length < PAGE) scratch = Buffer.concat([scratch, Buffer.allocUnsafe(scratch.length)]);
      const count = readSync(fd, scratch, length, scratch.length - length, null);
      length += count;
      if (count < least) return scratch.toString("latin1", 0, length);
    }
  } catch (error) {
    return EXHAUSTED.has((error as NodeJS.ErrnoException).code ?? "") ? null : undefined;
  } finally {
    if (fd !== -1) closeSync(fd);
    Error.stackTraceLimit = limit;
  }
}

function numberIn(text: string | undefined): number {
  if (text === undefined) return Number.NaN;
  return text.startsWith("max") ? Number.POSITIVE_INFINITY : Number.parseFloat(text);
}

/** Returns the number after `key ` in a file of lines `key value`, or NaN if the key is missing. */
export function keyedValue(text: string, key: string): number {
  const at = startOf(text, `${key} `);
  return at === -1 ? Number.NaN : Number.parseFloat(text.slice(at, at + 24));
}

function startOf(text: string, key: string): number {
  if (text.startsWith(key)) return key.length;
  const at = text.indexOf(`\n${key}`);
  return at === -1 ? -1 : at + 1 + key.length;
}
