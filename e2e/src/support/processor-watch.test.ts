import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { expect, test } from "vitest";
import { eventually } from "./eventually.ts";
import { ProcessorWatch } from "./processor-watch.ts";

const start = (): ChildProcess => spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" });

test("waits for a CPU are recorded for a program that shares it with others, and not for an idle one", async () => {
  const busy = Array.from({ length: 2 * availableParallelism() + 1 }, start);
  const stopped = start();
  try {
    const from = Date.now();
    using crowded = new ProcessorWatch(() => [busy[0]!.pid!]);
    await eventually("one of many waits for its turns", async () =>
      expect(crowded.waited(from, Date.now())).toBeGreaterThan(1000),
    );
    expect(crowded.waited(0, from - 1000)).toBe(0);
    stopped.kill("SIGSTOP");
    await eventually("the other stands still", async () =>
      expect(readFileSync(`/proc/${stopped.pid}/stat`, "latin1")).toMatch(/\) T /),
    );
    // The measurement is repeated, because the kernel may take the CPU from a program shortly after the signal, which
    // is an actual wait.
    await eventually("half a second without a wait is recorded", async () => {
      const since = Date.now();
      using still = new ProcessorWatch(() => [stopped.pid!]);
      await eventually("half a second has passed", async () => expect(Date.now() - since).toBeGreaterThan(500));
      expect(still.waited(since, Date.now())).toBe(0);
    });
  } finally {
    for (const child of [...busy, stopped]) child.kill("SIGKILL");
  }
});
