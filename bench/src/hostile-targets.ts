import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** Kinds of hostile answers to a scrape. */
export const HOSTILE_KINDS = ["endless-line", "gzip-of-a-line", "gzip-of-comments", "drip"] as const;

/** Serves targets with endless answers from a separate process, at `/<kind>/<number>/metrics`. */
export class HostileTargets implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #port: number;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.#port = port;
  }

  static async start(): Promise<HostileTargets> {
    const child = fork(new URL("hostile-targets-process.ts", import.meta.url), [], { execArgv: [] });
    const [port] = (await once(child, "message")) as [number];
    return new HostileTargets(child, port);
  }

  /**
   * Returns a scrape job with `count` hostile targets, as an element of scrape_configs. The kinds of answers alternate.
   */
  job(count: number): string {
    const groups = Array.from({ length: count }, (_, i) => {
      const path = `/${HOSTILE_KINDS[i % HOSTILE_KINDS.length]}/${i}/metrics`;
      return `{targets: ['127.0.0.1:${this.#port}'], labels: {__metrics_path__: ${path}, target: '${i}'}}`;
    });
    return `- job_name: hostile\n  static_configs: [${groups.join(", ")}]\n`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.disconnect();
    await exited;
  }
}
