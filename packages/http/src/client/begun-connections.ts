import type { Clock } from "@narthex/runtime";

/** Longer than undici keeps an idle connection, even if its server asks for the longest time. */
const FORGET_MS = 15 * 60_000;

interface Origin {
  count: number;
  /** Monotonic ms of the last connection or request. */
  usedAt: number;
}

/** Counts the connections begun by origin, and forgets origins that are not used any more. */
export class BegunConnections {
  readonly #clock: Clock;
  /** The longest unused first. */
  readonly #origins = new Map<string, Origin>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The number of origins that are known. */
  get size(): number {
    return this.#origins.size;
  }

  /** A connection begins. */
  add(origin: string): void {
    this.#use(origin).count++;
  }

  /** Connections begun to an origin so far. Counts as a use of the origin. */
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
