import { BodySizeError } from "./scrape-error.ts";

/** A body that is being received and whose memory counts towards the memory budget. */
export interface BudgetedBody {
  readonly charged: number;
  /** Aborts the body's request. The body then releases its memory from the budget. */
  abort(reason: Error): void;
}

const MIB = 1024 * 1024;

/**
 * Limits the memory of the long bodies of all jobs together. When the limit is reached, the longest body is aborted,
 * because a target with an endless body would otherwise prevent the scrapes of other targets.
 */
export class BodyMemoryBudget {
  readonly #limit: number;
  readonly #receiving = new Set<BudgetedBody>();
  #held = 0;

  /** @param limit maximum memory of all long bodies together, bytes */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get held(): number {
    return this.#held;
  }

  /**
   * Adds memory of `body` to the used memory. Throws BodySizeError if the limit is reached and `body` is the longest
   * body.
   */
  charge(body: BudgetedBody, bytes: number): void {
    this.#receiving.add(body);
    if (this.#held + bytes > this.#limit) this.#abortLongest(body, bytes);
    this.#held += bytes;
  }

  /** Marks a body as completely received, so that it is not aborted if other bodies need memory. */
  complete(body: BudgetedBody): void {
    this.#receiving.delete(body);
  }

  /** Subtracts memory of `body` from the used memory. */
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
