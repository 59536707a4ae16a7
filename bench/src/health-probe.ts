import { Agent, get } from "node:http";
import { quantile } from "./live-times.ts";

const EVERY_MS = 50;
const PATIENCE_MS = 20_000;

/** Answer times of a health check, ms. */
export interface HealthTimes {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly requests: number;
  /** Number of checks that failed: no answer in 20 s, a status other than 200, or a refused or broken connection. */
  readonly failed: number;
}

/**
 * Requests a page 20 times a second, each time on a new connection. If an answer is late, checks that were due in the
 * meantime are counted too, with the time that they would have waited.
 */
export class HealthProbe {
  readonly #url: string;
  readonly #agent = new Agent({ keepAlive: false });
  #times: number[] = [];
  #failed = 0;
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(url: string) {
    this.#url = url;
  }

  start(): void {
    [this.#times, this.#failed, this.#stopped] = [[], 0, false];
    this.#running = this.#run();
  }

  async stop(): Promise<HealthTimes> {
    this.#stopped = true;
    await this.#running;
    const times = this.#times;
    return {
      p50: quantile(times, 0.5),
      p99: quantile(times, 0.99),
      max: quantile(times, 1),
      requests: times.length,
      failed: this.#failed,
    };
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const began = performance.now();
      if (!(await this.#request())) this.#failed++;
      const took = performance.now() - began;
      for (let waited = took; waited > 0; waited -= EVERY_MS) this.#times.push(waited);
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, EVERY_MS - took)));
    }
  }

  #request(): Promise<boolean> {
    return new Promise((resolve) => {
      const request = get(this.#url, { agent: this.#agent, timeout: PATIENCE_MS }, (response) => {
        response
          .resume()
          .on("end", () => resolve(response.statusCode === 200))
          .on("error", () => resolve(false));
      });
      request.on("timeout", () => request.destroy()).on("error", () => resolve(false));
    });
  }
}
