import { statSync } from "node:fs";
import type { FileTree } from "../host-files/host-files.ts";
import type { LabelledKey } from "./container-metrics.ts";
import type { Reading } from "./reading.ts";

/** Prefixes of interfaces that repeat the counts of others, or that the host has one of for each container. */
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
 * Returns the inode of the counters' file, which is different in each network namespace. Undefined if the process is
 * gone, or hidden by the mount option hidepid. Otherwise anyone may read it, unlike the namespace's link.
 */
export function networkNamespace(proc: FileTree, pid: string): number | undefined {
  try {
    return statSync(proc.path(`${pid}/net/dev`), { throwIfNoEntry: false })?.ino;
  } catch {
    return undefined;
  }
}

/** Reads the counters of the interfaces that a process sees. */
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
