import { BodySizeError } from "./scrape-error.ts";

/** A body that is being received, with the number of bytes charged for it. */
export interface BudgetedBody {
  readonly charged: number;
  /** Aborts the request soon afterwards. The body then releases the charged bytes. */
  abort(reason: Error): void;
}

const MIB = 1024 * 1024;

/**
 * Limits the memory of the long bodies of all jobs together. When the limit is reached, the longest body is aborted, so
 * that a target with an endless body does not use the memory of other targets.
 */
export class BodyMemoryBudget {
  readonly #limit: number;
  readonly #receiving = new Set<BudgetedBody>();
  #held = 0;

  /** @param limit maximum number of bytes */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get held(): number {
    return this.#held;
  }

  /** Charges more bytes to `body`. Throws BodySizeError if there is no room and `body` is the longest. */
  charge(body: BudgetedBody, bytes: number): void {
    this.#receiving.add(body);
    if (this.#held + bytes > this.#limit) this.#abortLongest(body, bytes);
    this.#held += bytes;
  }

  /** Marks a body as completely received, so that it is not aborted if other bodies need memory. */
  complete(body: BudgetedBody): void {
    this.#receiving.delete(body);
  }

  /** Releases bytes that were charged to `body`. */
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
      `body size limit exceeded: the bodies in progress need more than ${limit}, the limit of --scrape.max-body-memory, ` +
        `and this body is the longest with ${own} so far; raise the limit, or set body_size_limit of jobs whose targets send too much`,
    );
  }
}
