import { readdirSync, readFileSync } from "node:fs";
import { eventually } from "./eventually.ts";

/**
 * Stops a process with SIGSTOP. Resolves when the kernel has stopped all of its threads, because a thread on another
 * processor continues for a moment after the signal.
 */
export async function freezeProcess(pid: number): Promise<void> {
  process.kill(pid, "SIGSTOP");
  const threads = `/proc/${pid}/task`;
  await eventually("all threads are stopped", async () => {
    for (const thread of readdirSync(threads)) {
      const state = readFileSync(`${threads}/${thread}/stat`, "latin1");
      if (!/\) T /.test(state)) throw new Error(`thread ${thread} runs`);
    }
  });
}
