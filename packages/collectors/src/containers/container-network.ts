import { statSync } from "node:fs";
import type { FileTree } from "../host-files/host-files.ts";
import type { LabelledKey } from "./container-metrics.ts";
import type { Reading } from "./reading.ts";

/** Interfaces that repeat what others count, or that the host has one of per container; by the start of their names. */
const IGNORED = ["lo", "veth", "docker", "nerdctl"];

/** Columns of /proc/net/dev behind the interface's name. */
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
 * What tells the network namespace of a process from others: the counters' file has an inode of its own in each, which
 * anybody may ask for, other than the namespace's link. undefined if the process is gone.
 */
export function networkNamespace(proc: FileTree, pid: string): number | undefined {
  return statSync(proc.path(`${pid}/net/dev`), { throwIfNoEntry: false })?.ino;
}

/** Counters of the interfaces that a process sees. */
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
