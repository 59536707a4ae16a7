import type { Steps } from "@narthex/runtime";
import type { FileTree } from "../host-files/host-files.ts";
import { fieldsOf, linesOf } from "../host-files/kernel-text.ts";
import type { LabelledKey } from "./container-metrics.ts";
import type { FilesystemSpace } from "./local-filesystems.ts";
import type { Reading } from "./reading.ts";

const SECTOR_BYTES = 512;

const asIs = (value: number): number => value;
const bytes = (sectors: number): number => sectors * SECTOR_BYTES;
const seconds = (ms: number): number => ms / 1000;

/** Columns of /proc/diskstats by metric. The columns are counted from the device numbers. */
const COLUMNS: readonly (readonly [key: LabelledKey, column: number, unit: (value: number) => number])[] = [
  ["reads", 3, asIs],
  ["readsMerged", 4, asIs],
  ["sectorReads", 5, asIs],
  ["readBytes", 5, bytes],
  ["readSeconds", 6, seconds],
  ["writes", 7, asIs],
  ["writesMerged", 8, asIs],
  ["sectorWrites", 9, asIs],
  ["writtenBytes", 9, bytes],
  ["writeSeconds", 10, seconds],
  ["ioCurrent", 11, asIs],
  ["ioSeconds", 12, seconds],
  ["ioWeighted", 13, seconds],
];

/**
 * Reads the activity of the disks below the host's file systems. Does nothing if the root cgroup has I/O accounting.
 */
export function* readingDiskActivity(
  proc: FileTree,
  filesystems: readonly FilesystemSpace[],
  into: Reading,
): Steps<void> {
  const byNumber = new Map<string, string>();
  for (const { number, device } of filesystems) byNumber.set(number, device);
  const known = COLUMNS.map(([key]) => into.firstLabels(key));
  for (const line of linesOf(proc.value("diskstats") ?? "")) {
    yield;
    const fields = fieldsOf(line);
    const device = byNumber.get(`${fields[0]}:${fields[1]}`);
    if (device === undefined || fields.length < 14) continue;
    for (const [i, [key, column, unit]] of COLUMNS.entries()) {
      if (!known[i]!.has(device)) into.add(key, unit(Number(fields[column])), device);
    }
  }
}
