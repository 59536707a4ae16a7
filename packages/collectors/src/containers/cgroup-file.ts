import { closeSync, openSync, readSync } from "node:fs";
import type { FileTree } from "../host-files/host-files.ts";

/** Number of times that a file may be missing before this kernel is assumed not to have it. */
const PATIENCE = 8;

/** Maximum number of bytes that one read of a kernel file returns. A shorter result is the end of the file. */
const PAGE = 4096;

let scratch = Buffer.allocUnsafe(16 * PAGE);

/**
 * Files of cgroups. A cgroup may disappear between two reads, so a missing file reads as undefined. After several
 * misses, a file that no cgroup ever had is no longer opened, because a failed open costs more than several successful
 * ones.
 */
export class CgroupFiles {
  readonly #sys: FileTree;
  /** Number of times that a file was missing, by name; -1 after it was found once. */
  readonly #misses = new Map<string, number>();

  constructor(sys: FileTree) {
    this.#sys = sys;
  }

  /**
   * Returns the text of a cgroup's file, or undefined if it is missing.
   * @param folder path below /sys, without a slash at its end
   */
  read(folder: string, name: string): string | undefined {
    const misses = this.#misses.get(name) ?? 0;
    if (misses >= PATIENCE) return undefined;
    const text = readAscii(this.#sys.path(`${folder}/${name}`));
    if (misses !== -1) this.#misses.set(name, text === undefined ? misses + 1 : -1);
    return text;
  }

  /** Reads a file that contains one number. Returns NaN if it is missing, and Infinity if it contains `max`. */
  number(folder: string, name: string): number {
    return numberIn(this.read(folder, name));
  }
}

/** Does not use FileTree: there are thousands of these files, none is kept open, and a missing one is not an error. */
function readAscii(path: string): string | undefined {
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
      if (count < PAGE) return scratch.toString("latin1", 0, length);
    }
  } catch {
    return undefined;
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
