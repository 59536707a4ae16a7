import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./sources.ts";

const turbo = join(root, "node_modules/.bin/turbo");

/** A task as Turborepo plans it. */
export interface PlannedTask {
  /** `package#name`, `//#name` for the root's. */
  readonly taskId: string;
  /** A result for the same inputs is at hand. */
  readonly isKept: boolean;
  /** What it printed, from the root. */
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
// Turborepo ends its tasks when it is asked to end; one that is left alone would run on.
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => {
    for (const child of running) child.kill(signal);
    process.kill(process.pid, signal);
  });

/** Runs tasks of Turborepo in one environment; with `force` nothing that was kept is good enough. */
export class Turborepo {
  readonly #env: NodeJS.ProcessEnv;
  readonly #force: boolean;

  constructor(env: NodeJS.ProcessEnv, force: boolean) {
    this.#env = { ...env, TURBO_TELEMETRY_DISABLED: "1" };
    this.#force = force;
  }

  /** Which of the tasks have a result at hand. */
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
      .map(({ taskId, logFile, cache }) => ({ taskId, logFile, isKept: cache.status === "HIT" && !this.#force }));
  }

  /** Runs tasks, or puts their kept results in place. @returns with what Turborepo itself said, not the tasks */
  run(tasks: readonly string[]): Promise<{ readonly passed: boolean; readonly said: string }> {
    const args = ["run", ...tasks, "--output-logs=none", "--continue=always", ...(this.#force ? ["--force"] : [])];
    return new Promise((resolve) => {
      let said = "";
      const child = spawn(turbo, args, { cwd: root, env: this.#env, stdio: ["ignore", "pipe", "pipe"] });
      running.add(child);
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding("utf8").on("data", (text: string) => (said += text));
      child.once("error", (error) => resolve({ passed: false, said: error.message }));
      child.once("close", (code) => {
        running.delete(child);
        resolve({ passed: code === 0, said });
      });
    });
  }
}

/** What a task printed when it ran. */
export function logOf({ logFile }: PlannedTask): string {
  const path = join(root, logFile);
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}
