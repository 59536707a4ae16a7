import type { Steps } from "@narthex/runtime";
import type { FileTree } from "../host-files/host-files.ts";
import { withAncestors } from "./cgroup-tree.ts";
import type { Reading } from "./reading.ts";

/** Nanoseconds on a CPU, nanoseconds of waiting for a CPU, and the number of periods on a CPU. */
type Times = readonly [run: number, wait: number, periods: number];

interface ScheduledGroup {
  readonly path: string;
  readonly inode: number;
  readonly pids: readonly string[] | undefined;
  readonly reading: Reading;
}

interface Known {
  readonly inode: number;
  /** Sum of the scheduling times of processes that have ended. */
  readonly ended: Times;
  /** Times of the running processes at the previous scrape, by process id. */
  readonly live: ReadonlyMap<string, Times>;
}

const NOTHING: Times = [0, 0, 0];

const sum = (a: Times, b: Times): Times => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];

/**
 * Scheduling times of the processes in each control group and in the groups below it, from /proc/<pid>/schedstat. The
 * times of ended processes are kept, so that the counters do not decrease.
 */
export class ProcessScheduling {
  #known = new Map<string, Known>();

  *reading(proc: FileTree, groups: readonly ScheduledGroup[]): Steps<void> {
    const found = new Map<string, Map<string, Times>>(groups.map(({ path }) => [path, new Map()]));
    for (const { path, pids = [] } of groups) {
      const counted = withAncestors(path).flatMap((above) => found.get(above) ?? []);
      for (const pid of pids) {
        yield;
        const times = timesOf(proc.value(`${pid}/schedstat`));
        if (times === undefined) continue;
        for (const group of counted) group.set(pid, times);
      }
    }
    const next = new Map<string, Known>();
    for (const { path, inode, reading } of groups) {
      yield;
      const live = found.get(path)!;
      const last = this.#known.get(path);
      const ended = last?.inode === inode ? endedTimes(last, live) : NOTHING;
      next.set(path, { inode, ended, live });
      const [run, wait, periods] = [...live.values()].reduce(sum, ended);
      reading.set("scheduledRun", run / 1e9);
      reading.set("scheduledWait", wait / 1e9);
      reading.set("scheduledPeriods", periods);
    }
    this.#known = next;
  }
}

/**
 * Adds the times of the processes that ended since the previous scrape. If the times of a process id decreased, the old
 * process has ended and a new one has its id.
 */
function endedTimes({ ended, live }: Known, now: ReadonlyMap<string, Times>): Times {
  let all = ended;
  for (const [pid, last] of live) {
    const times = now.get(pid);
    if (times === undefined || times[0] < last[0]) all = sum(all, last);
  }
  return all;
}

function timesOf(text: string | undefined): Times | undefined {
  const numbers = text?.split(" ").map(Number) ?? [];
  return numbers.length === 3 && numbers.every(Number.isFinite) ? (numbers as unknown as Times) : undefined;
}
