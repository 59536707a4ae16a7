import { closeSync, openSync, readSync } from "node:fs";
import type { FileTree } from "../host-files/host-files.ts";

/** Number of failed opens after which a missing file is not opened for a while. */
const PATIENCE = 8;

/** Time in ms after which missing files are opened again, because a controller may have been enabled. */
const RETRY_MS = 60_000;

/**
 * Maximum number of bytes that one read of a kernel file returns. If a file has a single record, a shorter read has
 * reached the end of the file.
 */
const PAGE = 4096;

let scratch = Buffer.allocUnsafe(16 * PAGE);

/**
 * Files of cgroups. A cgroup may disappear between two reads, so a missing file reads as undefined. If several cgroups
 * in a row lack a file and none has had it, the file is not opened for a while: a failed open costs more than several
 * successful opens.
 */
export class CgroupFiles {
  readonly #sys: FileTree;
  /** Number of times that a file was missing, by file name; -1 after a file of this name was found. */
  readonly #misses = new Map<string, number>();
  #forgotAt = Number.NEGATIVE_INFINITY;

  constructor(sys: FileTree) {
    this.#sys = sys;
  }

  /**
   * Begins a scrape. At most once in RETRY_MS, forgets which files are missing.
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
 * @param least a read of fewer bytes is the end of the file
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
