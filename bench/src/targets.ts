import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/**
 * Serves targets from a separate process. Any path `/<target>/metrics` answers with `series` series whose values change
 * with each scrape.
 */
export class Targets implements AsyncDisposable {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** @param series number for each target */
  static async start(series: number): Promise<Targets> {
    const child = fork(new URL("targets-process.ts", import.meta.url), [String(series)], { execArgv: [] });
    return new Targets(child);
  }

  /** Resolves with the targets' port, and their number of scrapes so far. */
  async report(): Promise<{ readonly port: number; readonly scrapes: number }> {
    this.#child.send("ask");
    const [answer] = (await once(this.#child, "message")) as [{ port: number; scrapes: number }];
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.disconnect();
    await exited;
  }
}
