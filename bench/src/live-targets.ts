import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { pause } from "./program.ts";

const POLL_MS = 250;

/** Size of a simulated load: number of targets, series of each target, and scrape interval. */
export interface Shape {
  readonly targets: number;
  readonly series: number;
  readonly intervalS: number;
}

/** Parses `200x5000@15s`: 200 targets × 5,000 series every 15 s. */
export function parseShape(text: string): Shape {
  const [, targets, series, intervalS] = /^(\d+)x(\d+)@(\d+)s$/.exec(text) ?? [];
  if (intervalS === undefined) throw new Error(`${text} is no shape such as 200x5000@15s`);
  return { targets: Number(targets), series: Number(series), intervalS: Number(intervalS) };
}

export const shapeName = ({ targets, series, intervalS }: Shape): string => `${targets}x${series}@${intervalS}s`;

/** Number of metrics of a page, `live_0_total` and so on. */
export const METRICS = 20;

interface TargetsReport {
  readonly port: number;
  /** Number of pages that the targets sent completely. */
  readonly scrapes: number;
}

/**
 * Targets in a process of their own. `/<target>/metrics` answers with a page whose counters contain the number of the
 * scrape, so that every stored sample can be checked later.
 */
export class LiveTargets implements AsyncDisposable {
  readonly shape: Shape;
  readonly #child: ChildProcess;

  private constructor(shape: Shape, child: ChildProcess) {
    this.shape = shape;
    this.#child = child;
  }

  static async start(shape: Shape): Promise<LiveTargets> {
    const args = [String(shape.series), String(METRICS)];
    const child = fork(new URL("live-targets-process.ts", import.meta.url), args, { execArgv: [] });
    return new LiveTargets(shape, child);
  }

  /** Waits for `times` scrapes of each target; rejects after `patienceMs`. */
  async scrapedTimes(times: number, patienceMs: number): Promise<void> {
    const enough = this.shape.targets * times;
    for (const until = performance.now() + patienceMs; (await this.scrapes()) < enough; await pause(POLL_MS))
      if (performance.now() > until)
        throw new Error(`${await this.scrapes()} of ${enough} scrapes in ${patienceMs} ms`);
  }

  async scrapes(): Promise<number> {
    return (await this.#request<TargetsReport>("report")).scrapes;
  }

  /** Resolves with the numbers of the scrapes whose page was sent completely, by target. */
  async served(): Promise<ReadonlyMap<number, readonly number[]>> {
    const rows = await this.#request<readonly (readonly [target: number, served: readonly number[]])[]>("served");
    return new Map(rows);
  }

  /** Returns a configuration that scrapes all targets. `more` contains additional top-level lines. */
  async config(more = ""): Promise<string> {
    const { port } = await this.#request<TargetsReport>("report");
    const { targets, intervalS } = this.shape;
    const groups = Array.from(
      { length: targets },
      (_, i) => `{targets: ['127.0.0.1:${port}'], labels: {__metrics_path__: /${i}/metrics, target: '${i}'}}`,
    );
    const timeout = Math.min(10, intervalS);
    return (
      `global: {scrape_interval: ${intervalS}s, scrape_timeout: ${timeout}s}\n${more}` +
      `scrape_configs:\n- job_name: live\n  static_configs: [${groups.join(", ")}]\n`
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.disconnect();
    await exited;
  }

  async #request<Answer>(what: "report" | "served"): Promise<Answer> {
    this.#child.send(what);
    const [answer] = (await once(this.#child, "message")) as [Answer];
    return answer;
  }
}

/**
 * Returns the value of a series in a scrape, which is counted from 1. The values have ten digits, so that sums of
 * millions are exact.
 */
export const liveValue = (series: number, scrape: number): number => 1_000_000_000 + scrape * (1 + (series % 7));
