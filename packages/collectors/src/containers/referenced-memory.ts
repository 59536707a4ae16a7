import type { Steps } from "@narthex/runtime";
import type { FileTree } from "../host-files/host-files.ts";
import type { Reading } from "./reading.ts";

interface GroupWithProcesses {
  readonly pids: readonly string[] | undefined;
  readonly reading: Reading;
}

/**
 * Reads the memory that the processes of each control group have used since their start. The kernel walks all pages of
 * a process for each read.
 */
export function* readingReferencedMemory(proc: FileTree, groups: readonly GroupWithProcesses[]): Steps<void> {
  for (const { pids = [], reading } of groups) {
    let bytes = 0;
    let isKnown = false;
    for (const pid of pids) {
      yield;
      const text = proc.value(`${pid}/smaps_rollup`) ?? proc.value(`${pid}/smaps`) ?? "";
      for (const [, kilobytes] of text.matchAll(/^Referenced: *(\d+) kB$/gm)) {
        isKnown = true;
        bytes += Number(kilobytes) * 1024;
      }
    }
    if (isKnown) reading.set("referenced", bytes);
  }
}
