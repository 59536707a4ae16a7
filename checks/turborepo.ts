import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./sources.ts";

const turbo = join(root, "node_modules/.bin/turbo");

/** A task in Turborepo's plan. */
export interface PlannedTask {
  /** `package#name`, `//#name` for the root's. */
  readonly taskId: string;
  /** Whether a result for the same inputs is kept. */
  readonly isCached: boolean;
  /** Path of its output, from the root. */
  readonly logFile: string;
}

interface DryRun {
  readonly tasks: readonly {
    readonly taskId: string;
    readonly command: string;
    readonly logFile: string;
    readonly cache: { readonly status: "HIT" | "MISS" };
  }[];
}

const running = new Set<ChildProcess>();
// Turborepo ends its tasks if it gets the signal; otherwise it would continue.
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => {
    for (const child of running) child.kill(signal);
    process.kill(process.pid, signal);
  });

/** Runs tasks of Turborepo in one environment; `force` ignores kept results. */
export class Turborepo {
  readonly #env: NodeJS.ProcessEnv;
  readonly #force: boolean;

  constructor(env: NodeJS.ProcessEnv, force: boolean) {
    this.#env = { ...env, TURBO_TELEMETRY_DISABLED: "1" };
    this.#force = force;
  }

  /** Returns the tasks, with whether each has a kept result. */
  plan(tasks: readonly string[]): PlannedTask[] {
    const { stdout, stderr } = spawnSync(turbo, ["run", ...tasks, "--dry=json"], {
      cwd: root,
      env: this.#env,
      encoding: "utf8",
      maxBuffer: 2 ** 28,
    });
    if (!stdout.startsWith("{")) throw new Error(`Turborepo has no plan: ${stdout}${stderr}`);
    const wanted = new Set(tasks);
    return (JSON.parse(stdout) as DryRun).tasks
      .filter(({ taskId }) => wanted.has(taskId))
      .map(({ taskId, logFile, cache }) => ({ taskId, logFile, isCached: cache.status === "HIT" && !this.#force }));
  }

  /**
   * Runs tasks, or restores their kept results.
   * @returns the output of Turborepo itself, without that of the tasks
   */
  run(tasks: readonly string[]): Promise<{ readonly passed: boolean; readonly output: string }> {
    const args = ["run", ...tasks, "--output-logs=none", "--continue=always", ...(this.#force ? ["--force"] : [])];
    return new Promise((resolve) => {
      let output = "";
      const child = spawn(turbo, args, { cwd: root, env: this.#env, stdio: ["ignore", "pipe", "pipe"] });
      running.add(child);
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding("utf8").on("data", (text: string) => (output += text));
      child.once("error", (error) => resolve({ passed: false, output: error.message }));
      child.once("close", (code) => {
        running.delete(child);
        resolve({ passed: code === 0, output });
      });
    });
  }
}

/** The output of a task when it ran. */
export function logOf({ logFile }: PlannedTask): string {
  const path = join(root, logFile);
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}
