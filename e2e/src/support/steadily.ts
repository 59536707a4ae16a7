import { execFileSync } from "node:child_process";

/**
 * Asks the kernel to run a process and its threads before all normal processes (real-time scheduling), if permitted,
 * because comparisons of times must not wait for other processes. Disposing of the result restores normal scheduling.
 */
export function steadily(pid: number = process.pid): Disposable {
  const change = (...args: readonly string[]): void => {
    try {
      execFileSync("chrt", ["--all-tasks", ...args, String(pid)], { stdio: "ignore" });
    } catch {
      // Ignores the error: without the program or the permission, the process keeps its normal priority.
    }
  };
  change("--rr", "--pid", "5");
  return { [Symbol.dispose]: () => change("--other", "--pid", "0") };
}
