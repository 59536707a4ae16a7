import { BodySizeError } from "./scrape-error.ts";

/** A body that is being received, with the number of bytes charged for it. */
export interface BudgetedBody {
  readonly charged: number;
  /** Ends the request soon afterwards; the body then releases the charged bytes. */
  abort(reason: Error): void;
}

const MIB = 1024 * 1024;

/**
 * Limits the memory of long bodies of all jobs together. At the limit the longest body is aborted, so that a target
 * with an endless body does not take memory from the others.
 */
export class BodyMemoryBudget {
  readonly #limit: number;
  readonly #receiving = new Set<BudgetedBody>();
  #held = 0;

  /** @param limit bytes */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Number of bytes charged at present. */
  get held(): number {
    return this.#held;
  }

  /** Charges `body` for more bytes. Throws BodySizeError if there is no room and `body` is the longest. */
  charge(body: BudgetedBody, bytes: number): void {
    this.#receiving.add(body);
    if (this.#held + bytes > this.#limit) this.#abortLongest(body, bytes);
    this.#held += bytes;
  }

  /** Marks the body as completely received: it is no longer aborted in favour of others. */
  complete(body: BudgetedBody): void {
    this.#receiving.delete(body);
  }

  /** Returns bytes that `body` was charged for. */
  release(body: BudgetedBody, bytes: number): void {
    this.#receiving.delete(body);
    this.#held -= bytes;
  }

  #abortLongest(body: BudgetedBody, bytes: number): void {
    const others = [...this.#receiving].filter((other) => other !== body);
    const longest = others.reduce<BudgetedBody | undefined>(
      (most, other) => (most === undefined || other.charged > most.charged ? other : most),
      undefined,
    );
    if (longest === undefined || longest.charged <= body.charged + bytes) throw this.#problem(body);
    this.#receiving.delete(longest);
    longest.abort(this.#problem(longest));
  }

  #problem({ charged }: BudgetedBody): BodySizeError {
    const [limit, own] = [this.#limit, charged].map((bytes) => `${Math.round(bytes / MIB)}MiB`);
    return new BodySizeError(
      `body size limit exceeded: bodies under way would hold more than ${limit}, the limit of --scrape.max-body-memory, ` +
        `and this one is the longest with ${own} so far; raise that, or set body_size_limit of jobs whose targets send too much`,
    );
  }
}
