import { execFileSync } from "node:child_process";

/**
 * Asks the kernel to run a process, its threads and its future threads before all normal processes (real-time
 * scheduling), if this is permitted: time comparisons must not wait for other processes. Disposing of the result
 * returns the process to normal scheduling.
 */
export function steadily(pid: number = process.pid): Disposable {
  const change = (...args: readonly string[]): void => {
    try {
      execFileSync("chrt", ["--all-tasks", ...args, String(pid)], { stdio: "ignore" });
    } catch {
      // The program or the right is missing, so the priority stays.
    }
  };
  change("--rr", "--pid", "5");
  return { [Symbol.dispose]: () => change("--other", "--pid", "0") };
}
