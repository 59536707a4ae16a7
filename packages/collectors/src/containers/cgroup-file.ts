import { closeSync, openSync, readSync } from "node:fs";
import type { FileTree } from "../host-files/host-files.ts";

/** How often a file may be missing before it counts as one this kernel does not have. */
const PATIENCE = 8;

/** What one read of a kernel file gives at most; less is all there is. */
const PAGE = 4096;

let scratch = Buffer.allocUnsafe(16 * PAGE);

/**
 * Files of cgroups. A cgroup may go away between two reads, which is no fault: what is not there reads as undefined.
 * A file that no cgroup ever had is not tried for ever, as a failed open costs several good ones.
 */
export class CgroupFiles {
  readonly #sys: FileTree;
  /** Times a file was missing, by name; -1 once it was there. */
  readonly #misses = new Map<string, number>();

  constructor(sys: FileTree) {
    this.#sys = sys;
  }

  /** @param folder path below /sys, without a slash at its end */
  read(folder: string, name: string): string | undefined {
    const misses = this.#misses.get(name) ?? 0;
    if (misses >= PATIENCE) return undefined;
    const text = readAscii(this.#sys.path(`${folder}/${name}`));
    if (misses !== -1) this.#misses.set(name, text === undefined ? misses + 1 : -1);
    return text;
  }

  /** A file of one number, or NaN if it is missing, Infinity if it says `max`. */
  number(folder: string, name: string): number {
    return numberIn(this.read(folder, name));
  }
}

/** Not through FileTree: there are thousands of these files, none is kept open, and a missing one is no error. */
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

/** The number behind `key ` in a file of lines `key value`, or NaN if there is none. */
export function keyedValue(text: string, key: string): number {
  const at = startOf(text, `${key} `);
  return at === -1 ? Number.NaN : Number.parseFloat(text.slice(at, at + 24));
}

function startOf(text: string, key: string): number {
  if (text.startsWith(key)) return key.length;
  const at = text.indexOf(`\n${key}`);
  return at === -1 ? -1 : at + 1 + key.length;
}
