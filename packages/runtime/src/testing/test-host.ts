import type { Clock } from "../clock.ts";
import { systemClock } from "../clock.ts";
import type { Host } from "../host.ts";

export interface TestHost extends Host {
  readonly output: { stdout: string; stderr: string };
  /** Simulates SIGHUP. */
  reload(): void;
  /**
   * Resolves with the address from the first log line of a role that listens. Rejects with the role's log if the role
   * has ended.
   */
  listening(ended: Promise<unknown>): Promise<string>;
}

/** Returns a host whose output is recorded and whose signals the test sends. */
export function testHost(
  args: readonly string[],
  options: { clock?: Clock; cwd?: string; env?: Host["env"] } = {},
): TestHost {
  const controller = new AbortController();
  const reloads = new Set<() => void>();
  const output = { stdout: "", stderr: "" };
  const address = Promise.withResolvers<string>();
  return {
    args,
    env: options.env ?? {},
    cwd: options.cwd ?? process.cwd(),
    clock: options.clock ?? systemClock,
    output,
    stdout: (text) => void (output.stdout += text),
    outputDrained: () => Promise.resolve(),
    stderr(text) {
      output.stderr += text;
      const found = /msg="Listening on" address=(\S+)/.exec(text)?.[1];
      if (found !== undefined) address.resolve(found);
    },
    async listening(ended) {
      const lost = ended.then(() => Promise.reject(new Error(output.stderr)));
      return Promise.race([address.promise, lost]);
    },
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
