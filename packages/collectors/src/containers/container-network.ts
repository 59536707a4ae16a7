import { statSync } from "node:fs";
import type { FileTree } from "../host-files/host-files.ts";
import type { LabelledKey } from "./container-metrics.ts";
import type { Reading } from "./reading.ts";

/**
 * Prefixes of interfaces to skip. Such an interface repeats the counts of another interface, or exists once for each
 * container.
 */
const IGNORED = ["lo", "veth", "docker", "nerdctl"];

/** Columns of /proc/net/dev after the interface's name. */
const COLUMNS: readonly (readonly [key: LabelledKey, column: number])[] = [
  ["receivedBytes", 0],
  ["receivedPackets", 1],
  ["receiveErrors", 2],
  ["receiveDrops", 3],
  ["sentBytes", 8],
  ["sentPackets", 9],
  ["sendErrors", 10],
  ["sendDrops", 11],
];

/**
 * Returns the inode of the file with the process's network counters, which identifies the network namespace. Returns
 * undefined if the process has ended or is hidden (hidepid). Unlike the link to the namespace, this file needs no
 * permission.
 */
export function networkNamespace(proc: FileTree, pid: string): number | undefined {
  try {
    return statSync(proc.path(`${pid}/net/dev`), { throwIfNoEntry: false })?.ino;
  } catch {
    return undefined;
  }
}

/** Reads the counters of the interfaces in a process's network namespace. */
export function readInterfaces(proc: FileTree, pid: string, into: Reading): void {
  const lines = proc.value(`${pid}/net/dev`)?.split("\n") ?? [];
  for (const line of lines.slice(2)) {
    const colon = line.lastIndexOf(":");
    if (colon === -1) continue;
    const name = line.slice(0, colon).trim();
    if (IGNORED.some((prefix) => name.toLowerCase().startsWith(prefix))) continue;
    const columns = line
      .slice(colon + 1)
      .trim()
      .split(/ +/);
    for (const [key, column] of COLUMNS) into.add(key, Number(columns[column]), name);
  }
}
