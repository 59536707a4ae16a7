import type { Clock } from "../clock.ts";
import { systemClock } from "../clock.ts";
import type { Host } from "../host.ts";

export interface TestHost extends Host {
  readonly output: { stdout: string; stderr: string };
  /** Simulates SIGHUP. */
  reload(): void;
}

/** Returns a host whose output is recorded and whose signals the test sends. */
export function testHost(
  args: readonly string[],
  options: { clock?: Clock; cwd?: string; env?: Host["env"] } = {},
): TestHost {
  const controller = new AbortController();
  const reloads = new Set<() => void>();
  const output = { stdout: "", stderr: "" };
  return {
    args,
    env: options.env ?? {},
    cwd: options.cwd ?? process.cwd(),
    clock: options.clock ?? systemClock,
    output,
    stdout: (text) => void (output.stdout += text),
    outputDrained: () => Promise.resolve(),
    stderr: (text) => void (output.stderr += text),
    stopping: controller.signal,
    requestStop: () => controller.abort(new Error("stopping")),
    onReload(run) {
      reloads.add(run);
      return () => reloads.delete(run);
    },
    reload: () => {
      for (const run of reloads) run();
    },
  };
}
