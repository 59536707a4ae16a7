import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { Attacked, AttackOrder } from "./doors-attackers-process.ts";

interface Opened {
  readonly port: number;
  /** Kinds of input that the server itself fetches over HTTP, for example scrapes. */
  readonly kinds: readonly string[];
}

/** Starts a separate process with one hostile client for each kind of input. */
export class DoorAttackers implements AsyncDisposable {
  /** Scrape jobs that fetch generated inputs. */
  readonly jobs: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, { port, kinds }: Opened) {
    this.#child = child;
    this.jobs = kinds.map((kind, number) => jobOf(kind, number, port)).join("");
  }

  static async start(): Promise<DoorAttackers> {
    const child = fork(new URL("doors-attackers-process.ts", import.meta.url), [], { execArgv: [] });
    const [opened] = (await once(child, "message")) as [Opened];
    return new DoorAttackers(child, opened);
  }

  begin(order: AttackOrder): void {
    this.#child.send(order);
  }

  async report(): Promise<Attacked> {
    this.#child.send("report");
    const [attacked] = (await once(this.#child, "message")) as [Attacked];
    return attacked;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.#child, "exit");
    this.#child.disconnect();
    await exited;
  }
}

function jobOf(kind: string, number: number, port: number): string {
  if (kind === "target list")
    return `- {job_name: d${number}, http_sd_configs: [{url: 'http://127.0.0.1:${port}/${number}', refresh_interval: 5s}]}\n`;
  const classic = `convert_classic_histograms_to_nhcb: ${number % 2 === 0}, scrape_native_histograms: true`;
  return `- {job_name: d${number}, metrics_path: /${number}, ${classic}, static_configs: [{targets: ['127.0.0.1:${port}']}]}\n`;
}
