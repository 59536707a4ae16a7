import { defineCollector } from "../collector.ts";
import type { FileTree } from "../host-files/host-files.ts";
import { signedOf, unsignedOf } from "../host-files/kernel-number.ts";
import { fieldsOf } from "../host-files/kernel-text.ts";
import { gauge } from "../metric.ts";

/** Exports processes and threads by state, from the process folders of /proc. */
export const processes = defineCollector({
  name: "processes",
  enabled: false,
  metrics: {
    threads: gauge("node_processes_threads", "Allocated threads in system"),
    maxThreads: gauge("node_processes_max_threads", "Limit of threads in the system"),
    threadsState: gauge("node_processes_threads_state", "Number of threads in each state.", ["thread_state"]),
    state: gauge("node_processes_state", "Number of processes in each state.", ["state"]),
    pids: gauge("node_processes_pids", "Number of PIDs"),
    maxProcesses: gauge("node_processes_max_processes", "Number of max PIDs limit"),
  },
  collect({ proc }, emit) {
    const states = new Map<string, number>();
    const threadStates = new Map<string, number>();
    let pids = 0;
    let threads = 0;
    for (const pid of proc.list("").filter(isId)) {
      const stat = readStat(proc, `${pid}/stat`);
      if (stat === undefined) continue;
      pids++;
      threads += stat.threads;
      add(states, stat.state);
      for (const task of proc.list(`${pid}/task`).filter(isId)) {
        const state = task === pid ? stat.state : readStat(proc, `${pid}/task/${task}/stat`)?.state;
        if (state !== undefined) add(threadStates, state);
      }
    }
    emit.threads(threads);
    emit.maxThreads(unsignedOf(proc.read("sys/kernel/threads-max").trim(), "threads-max"));
    for (const [state, count] of states) emit.state(count, state);
    for (const [state, count] of threadStates) emit.threadsState(count, state);
    emit.pids(pids);
    emit.maxProcesses(unsignedOf(proc.read("sys/kernel/pid_max").trim(), "pid_max"));
  },
});

const isId = (name: string): boolean => /^\d+$/.test(name);

const add = (counts: Map<string, number>, key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1);

/**
 * Signs of the numbers after the process state in /proc/<pid>/stat: s for a number that may be negative, u for one that
 * may not.
 */
const SIGNS = "sssss uuuuuuu ssssss uu s uuuu uuuuuuuuu s uuuu ss".replaceAll(" ", "");
/** Index of the thread count among the numbers after the process state in /proc/<pid>/stat. */
const THREADS = 16;

/**
 * Returns state and thread count of a process; undefined if the process has ended. The process name, in parentheses,
 * may contain any character.
 */
function readStat(proc: FileTree, path: string): { state: string; threads: number } | undefined {
  const text = proc.value(path);
  if (text === undefined) return undefined;
  const end = text.lastIndexOf(")");
  if (end === -1) throw new Error(`${path}: malformed line "${text}"`);
  const fields = fieldsOf(text.slice(end + 1));
  const numbers = Array.from(SIGNS, (sign, i) => (sign === "u" ? unsignedOf : signedOf)(fields[i + 1], path));
  return { state: fields[0]!, threads: numbers[THREADS]! };
}
