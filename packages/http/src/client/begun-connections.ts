import type { Clock } from "@narthex/runtime";

/**
 * Time in ms after which unused origins are removed. undici never keeps idle connections that long, even if a server
 * asks for the maximum.
 */
const FORGET_MS = 15 * 60_000;

interface Origin {
  count: number;
  /** Time of the last connection or request, ms of the monotonic clock. */
  usedAt: number;
}

/** Counts the connections that were opened to each origin (scheme, host and port), and removes unused origins. */
export class BegunConnections {
  readonly #clock: Clock;
  /** Origins, with the least recently used first. */
  readonly #origins = new Map<string, Origin>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Number of origins whose connections are counted. */
  get size(): number {
    return this.#origins.size;
  }

  add(origin: string): void {
    this.#use(origin).count++;
  }

  /** Returns how many connections were opened to an origin. The call counts as a use of the origin. */
  count(origin: string): number {
    return this.#use(origin).count;
  }

  #use(name: string): Origin {
    const usedAt = this.#clock.monotonic();
    const origin = this.#origins.get(name) ?? { count: 0, usedAt };
    origin.usedAt = usedAt;
    this.#origins.delete(name);
    this.#origins.set(name, origin);
    for (const [other, { usedAt: last }] of this.#origins) {
      if (usedAt - last < FORGET_MS) break;
      this.#origins.delete(other);
    }
    return origin;
  }
}
