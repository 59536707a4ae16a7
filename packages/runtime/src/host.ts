import { fstatSync, writeFileSync } from "node:fs";
import { type Clock, systemClock } from "./clock.ts";
import { OrderedOutput } from "./ordered-output.ts";

/** What a role needs of the process it runs in; tests bring their own. */
export interface Host {
  /** Arguments after the role's name. */
  readonly args: readonly string[];
  /** Are the arguments only to be looked at? A role then ends, with 0 if they are good, before it does anything. */
  readonly checksArguments?: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly clock: Clock;
  stdout(text: string): void;
  /** Resolves when all output has gone to its reader: for output that must not pile up in memory, or be lost at the end. */
  outputDrained(): Promise<void>;
  stderr(text: string): void;
  /** Aborts when the process is asked to end (SIGTERM, SIGINT), or by `requestStop`. */
  readonly stopping: AbortSignal;
  /** Asks this process to end as SIGTERM would (`/-/quit`). */
  requestStop(): void;
  /** Calls back on SIGHUP; returns how to stop listening. */
  onReload(run: () => void): () => void;
  /**
   * Calls back with each error that nothing in the process has caught, except for output that cannot be written; returns how
   * to stop that. The process goes on, unless the callback throws.
   */
  onUncaughtError?(run: (error: unknown) => void): () => void;
  /** Gives the process the name by which others look for it, as `pgrep prometheus` does; cut to 15 bytes. Linux only. */
  nameProcess?(name: string): void;
}

/** Reports whether two descriptors are one pipe, socket or file. */
function leadToOnePlace(a: number, b: number): boolean {
  try {
    const [first, second] = [fstatSync(a), fstatSync(b)];
    return first.dev === second.dev && first.ino === second.ino;
  } catch {
    return false; // one of them is closed
  }
}

/** A full disk, or a reader of the output that has gone, costs that output. To log it would write again, without end. */
const lose = (): void => undefined;

/** The real process. Call once. */
export function processHost(args: readonly string[]): Host {
  const controller = new AbortController();
  const output = new OrderedOutput(process.stdout, process.stderr, leadToOnePlace(1, 2));
  process.stderr.on("error", lose);
  const requestStop = (): void => controller.abort(new Error("stopping"));
  process.once("SIGTERM", requestStop);
  process.once("SIGINT", requestStop);
  if (process.channel !== undefined) {
    process.once("disconnect", requestStop); // the supervisor that started this role is gone
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
    // Not by process.title, which takes the arguments away from what `ps` shows.
    nameProcess(name) {
      try {
        writeFileSync("/proc/self/comm", name);
      } catch {
        // another system, or /proc may not be written: it is called as Node calls it
      }
    },
  };
}

/** Reports whether the environment asks a role to show the metrics that the originals do not have. */
export const showsOwnMetrics = ({ env }: Pick<Host, "env">): boolean => env["NARTHEX_OWN_METRICS"] === "1";

/** Resolves when the host is asked to end. */
export function stopRequested(host: Host): Promise<void> {
  return new Promise((resolve) => {
    if (host.stopping.aborted) resolve();
    else host.stopping.addEventListener("abort", () => resolve(), { once: true });
  });
}
