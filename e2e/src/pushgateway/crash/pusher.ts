import { Agent, request } from "node:http";
import type { Random } from "../../support/random.ts";

const METRICS = 5;
/** State of a group of metrics after it was deleted. */
const GONE = -1;

/**
 * A client of one Pushgateway. It pushes to its own group of metrics, one push after the other, and counts the
 * acknowledged pushes.
 */
export class Pusher {
  readonly #name: string;
  readonly #random: Random;
  /** States of the group after each change. A state is a number: the value of all metrics of the group. */
  readonly #states: number[] = [GONE];
  #acknowledged = 0;

  constructor(name: string, random: Random) {
    this.#name = name;
    this.#random = random;
  }

  /** Number of pushes and deletions that the Pushgateway has acknowledged. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Pushes until the connection breaks, or `count` times. */
  async push(port: number, count: number): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    try {
      for (let i = 0; i < count; i++) {
        const value = this.#states.length;
        const isDeletion = this.#random.chance(10);
        this.#states.push(isDeletion ? GONE : value);
        const body = isDeletion ? undefined : bodyOf(value);
        const status = await send(
          agent,
          port,
          isDeletion ? "DELETE" : this.#random.pick(["PUT", "POST"]),
          this.#name,
          body,
        );
        if (status === 0) return;
        if (status !== 200 && status !== 202) throw new Error(`status ${status}`);
        this.#acknowledged = this.#states.length - 1;
      }
    } finally {
      agent.destroy();
    }
  }

  /**
   * Checks the group after the Pushgateway was killed. Returns a description of lost data, or undefined. Later pushes
   * continue from the stored state.
   */
  verdict(metrics: string): string | undefined {
    const lines = metrics.split("\n").filter((line) => line.includes(`job="${this.#name}"`) && line.startsWith("m_"));
    const values = new Set(lines.map((line) => Number(line.slice(line.lastIndexOf(" ") + 1))));
    const found = lines.length === 0 ? GONE : [...values][0]!;
    if (lines.length !== 0 && (lines.length !== METRICS || values.size !== 1)) {
      return `${this.#name}: half a push: ${lines.join(" · ")}`;
    }
    const possible = this.#states.slice(this.#acknowledged);
    if (!possible.includes(found)) return `${this.#name}: found ${found}, acknowledged ${possible.join(" or ")}`;
    this.#states.splice(0, this.#states.length, ...this.#states.map(() => found));
    this.#acknowledged = this.#states.length - 1;
    return undefined;
  }
}

const bodyOf = (value: number): string =>
  Array.from({ length: METRICS }, (_, i) => `# TYPE m_${i} gauge\nm_${i} ${value}\n`).join("");

/** Sends a request. Resolves with the HTTP status, or 0 if there is no response. */
function send(agent: Agent, port: number, method: string, job: string, body: string | undefined): Promise<number> {
  return new Promise((resolve) => {
    const headers = body === undefined ? {} : { "content-length": body.length };
    const path = `/metrics/job/${job}`;
    const sent = request({ host: "127.0.0.1", port, method, path, agent, headers }, (response) => {
      response.resume();
      response.once("end", () => resolve(response.statusCode!));
      response.once("error", () => resolve(0));
    });
    sent.once("error", () => resolve(0));
    sent.end(body);
  });
}
