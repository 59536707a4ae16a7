import { fstatSync, writeFileSync } from "node:fs";
import { type Clock, systemClock } from "./clock.ts";
import { OrderedOutput } from "./ordered-output.ts";

/** Gives a program access to its process: arguments, environment, output and signals. Tests use a simulated process. */
export interface Host {
  /** Command-line arguments after the name of the server or tool. */
  readonly args: readonly string[];
  /**
   * True to only check the arguments. The server then ends before it starts anything. Its status is 0 if the arguments
   * are valid.
   */
  readonly checksArguments?: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly clock: Clock;
  stdout(text: string): void;
  /**
   * Resolves when the readers of the output have read everything. Use it for output that must not accumulate in memory
   * or be lost at the end.
   */
  outputDrained(): Promise<void>;
  stderr(text: string): void;
  /** Aborts when the process is asked to end by SIGTERM, SIGINT or `requestStop`. */
  readonly stopping: AbortSignal;
  /** Asks this process to end as SIGTERM would (`/-/quit`). */
  requestStop(): void;
  /** Calls `run` on each SIGHUP. The returned function removes this callback. */
  onReload(run: () => void): () => void;
  /**
   * Calls `run` with each uncaught error of the process, except for output that cannot be written. The returned
   * function removes this callback. The process continues unless the callback throws.
   */
  onUncaughtError?(run: (error: unknown) => void): () => void;
  /** Sets the process name, cut to 15 bytes, for tools such as `pgrep prometheus`. Linux only. */
  nameProcess?(name: string): void;
}

/** Reports whether two descriptors are the same pipe, socket or file. */
function leadToOnePlace(a: number, b: number): boolean {
  try {
    const [first, second] = [fstatSync(a), fstatSync(b)];
    return first.dev === second.dev && first.ino === second.ino;
  } catch {
    // Ignores the error: one of the descriptors is closed, so the descriptors differ.
    return false;
  }
}

/**
 * Ignores an error of an output stream. If the disk is full or the reader of the output is gone, the output is lost.
 * Logging the error would cause the error again, without end.
 */
const lose = (): void => undefined;

/** Returns the real process. Call this only once. */
export function processHost(args: readonly string[]): Host {
  const controller = new AbortController();
  const output = new OrderedOutput(process.stdout, process.stderr, leadToOnePlace(1, 2));
  process.stderr.on("error", lose);
  const requestStop = (): void => controller.abort(new Error("stopping"));
  process.once("SIGTERM", requestStop);
  process.once("SIGINT", requestStop);
  if (process.channel !== undefined) {
    // Stops when the IPC channel closes, because the supervisor that started this server has then ended.
    process.once("disconnect", requestStop);
    process.channel?.unref();
  }
  const reloads = new Set<() => void>();
  process.on("SIGHUP", () => {
    for (const run of reloads) run();
  });
  return {
    args,
    env: process.env,
    cwd: process.cwd(),
    clock: systemClock,
    stdout: (text) => output.stdout(text),
    outputDrained: () => output.drained(),
    stderr: (text) => output.stderr(text),
    stopping: controller.signal,
    requestStop,
    onReload(run) {
      reloads.add(run);
      return () => reloads.delete(run);
    },
    onUncaughtError(run) {
      process.on("uncaughtException", run);
      process.on("unhandledRejection", run);
      process.stdout.on("error", lose);
      return () => {
        process.off("uncaughtException", run);
        process.off("unhandledRejection", run);
        process.stdout.off("error", lose);
      };
    },
    // process.title is not used, because it removes the arguments from the output of `ps`.
    nameProcess(name) {
      try {
        writeFileSync("/proc/self/comm", name);
      } catch {
        // Ignores the error: without Linux or a writable /proc, the process keeps Node's name.
      }
    },
  };
}

/** Reports whether the environment requests additional metrics that Prometheus does not have. */
export const showsOwnMetrics = ({ env }: Pick<Host, "env">): boolean => env["NARTHEX_OWN_METRICS"] === "1";

/** Resolves when the host is asked to end. */
export function stopRequested(host: Host): Promise<void> {
  return new Promise((resolve) => {
    if (host.stopping.aborted) resolve();
    else host.stopping.addEventListener("abort", () => resolve(), { once: true });
  });
}
