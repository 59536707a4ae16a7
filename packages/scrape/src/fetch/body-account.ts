import { BodySizeError } from "./scrape-error.ts";

/** A body that is on its way, as far as it is charged. */
export interface Charged {
  readonly charged: number;
  /** Gives up, soon; what it holds is given back. */
  breakOff(reason: Error): void;
}

const MIB = 1024 * 1024;

/**
 * What long bodies under way hold, all jobs' together. Where it would be too much, the longest is given up: a target that
 * never ends takes no memory from those that do.
 */
export class BodyAccount {
  readonly #limit: number;
  readonly #underWay = new Set<Charged>();
  #held = 0;

  /** @param limit bytes */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes that are charged. */
  get held(): number {
    return this.#held;
  }

  /** `body` holds so many bytes more, as soon as this returns. Throws BodySizeError where it is the longest and there is no room. */
  charge(body: Charged, bytes: number): void {
    this.#underWay.add(body);
    if (this.#held + bytes > this.#limit) this.#giveUpLongest(body, bytes);
    this.#held += bytes;
  }

  /** The body has come to its end: it is no longer one to be given up. */
  arrived(body: Charged): void {
    this.#underWay.delete(body);
  }

  /** So many bytes that `body` was charged are free again. */
  release(body: Charged, bytes: number): void {
    this.#underWay.delete(body);
    this.#held -= bytes;
  }

  #giveUpLongest(body: Charged, bytes: number): void {
    const others = [...this.#underWay].filter((other) => other !== body);
    const longest = others.reduce<Charged | undefined>(
      (most, other) => (most === undefined || other.charged > most.charged ? other : most),
      undefined,
    );
    if (longest === undefined || longest.charged <= body.charged + bytes) throw this.#problem(body);
    this.#underWay.delete(longest);
    longest.breakOff(this.#problem(longest));
  }

  #problem({ charged }: Charged): BodySizeError {
    const [limit, own] = [this.#limit, charged].map((bytes) => `${Math.round(bytes / MIB)}MiB`);
    return new BodySizeError(
      `body size limit exceeded: bodies under way would hold more than ${limit}, the limit of --scrape.max-body-memory, ` +
        `and this one is the longest with ${own} so far; raise that, or set body_size_limit of jobs whose targets send too much`,
    );
  }
}
