import type { CgroupFiles } from "./cgroup-file.ts";
import type { PlainKey } from "./container-metrics.ts";
import type { Reading } from "./reading.ts";

const FILES: readonly (readonly [file: string, some: PlainKey, full: PlainKey])[] = [
  ["cpu.pressure", "cpuWaiting", "cpuStalled"],
  ["memory.pressure", "memoryWaiting", "memoryStalled"],
  ["io.pressure", "ioWaiting", "ioStalled"],
];

/** Reads the time lost while waiting for CPU, memory and disk, in control groups of version 2. */
export function readPressure(files: CgroupFiles, folder: string, into: Reading): void {
  for (const [file, some, full] of FILES) {
    const text = files.read(folder, file);
    if (text === undefined) continue;
    into.set(some, totalOf(text, "some ") / 1e6);
    into.set(full, totalOf(text, "full ") / 1e6);
  }
}

/**
 * Returns the total, in microseconds, of a line such as `some avg10=0.00 avg60=0.00 avg300=0.00 total=123`, or NaN if
 * the line is missing.
 */
function totalOf(text: string, line: string): number {
  const start = text.indexOf(line);
  const at = start === -1 ? -1 : text.indexOf("total=", start);
  return at === -1 ? Number.NaN : Number.parseInt(text.slice(at + 6, at + 30), 10);
}
