import type { DiscoveryContext } from "../../discoverer.ts";

/** Number of requests that can be sent at once after a pause. */
const BURST = 50;

/** Delays requests, so that a service receives a limited number in a second. */
export class RequestPace {
  readonly #perMs: number;
  readonly #context: Pick<DiscoveryContext, "clock" | "signal">;
  #free = BURST;
  #at: number;

  constructor(perSecond: number, context: Pick<DiscoveryContext, "clock" | "signal">) {
    this.#perMs = perSecond / 1000;
    this.#context = context;
    this.#at = context.clock.monotonic();
  }

  /** Waits until the next request can be sent. Rejects if discovery is stopped. */
  async next(): Promise<void> {
    const { clock, signal } = this.#context;
    if (this.#perMs === Infinity) return;
    const now = clock.monotonic();
    this.#free = Math.min(BURST, this.#free + (now - this.#at) * this.#perMs) - 1;
    this.#at = now;
    if (this.#free < 0) await clock.sleep(-this.#free / this.#perMs, signal);
  }
}
