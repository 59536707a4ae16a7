import { execFileSync } from "node:child_process";

/**
 * Asks the kernel to run a process, its threads and its future threads before all normal processes (real-time
 * scheduling), if permitted: time comparisons must not wait for other processes. Disposing of the result restores
 * normal scheduling.
 */
export function steadily(pid: number = process.pid): Disposable {
  const change = (...args: readonly string[]): void => {
    try {
      execFileSync("chrt", ["--all-tasks", ...args, String(pid)], { stdio: "ignore" });
    } catch {
      // Keeps the normal priority if the program or the permission is missing.
    }
  };
  change("--rr", "--pid", "5");
  return { [Symbol.dispose]: () => change("--other", "--pid", "0") };
}
