import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./sources.ts";

const turbo = join(root, "node_modules/.bin/turbo");

export interface PlannedTask {
  /** Task name: `package#name`, or `//#name` for a task of the root. */
  readonly taskId: string;
  /** Whether Turborepo has a cached result for the same inputs. */
  readonly isCached: boolean;
  /** Path of the task's log file, relative to the root. */
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
// Passes stop signals on to Turborepo, which would otherwise continue. Turborepo then ends its tasks.
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => {
    for (const child of running) child.kill(signal);
    process.kill(process.pid, signal);
  });

/** Runs Turborepo tasks with fixed environment variables. `force` ignores cached results. */
export class Turborepo {
  readonly #env: NodeJS.ProcessEnv;
  readonly #force: boolean;

  constructor(env: NodeJS.ProcessEnv, force: boolean) {
    this.#env = { ...env, TURBO_TELEMETRY_DISABLED: "1" };
    this.#force = force;
  }

  /** Returns the tasks that Turborepo would run, and whether each has a cached result. */
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
   * Runs tasks, or restores their cached results.
   * @returns the output of Turborepo itself, without the output of the tasks
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

/** Returns the log of a task's last run. */
export function logOf({ logFile }: PlannedTask): string {
  const path = join(root, logFile);
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}
