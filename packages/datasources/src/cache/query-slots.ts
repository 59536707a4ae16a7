import { type Clock, reasonOf } from "@narthex/runtime";
import { QueryFailure } from "../query-failure.ts";

export interface SlotLimits {
  /** Largest number of running queries per user and per source. */
  readonly perUser: number;
  readonly perSource: number;
  /**
   * Number of running queries that a user can have at each source in any case, also beyond `perUser`. So a source that
   * hangs and holds all slots of a user does not delay the queries to other sources.
   */
  readonly perUserAndSource: number;
  /** Largest number of waiting queries of all users together. */
  readonly waiting: number;
  /** Largest total size of the answers that one user's running queries have received, in bytes. */
  readonly userBytes: number;
}

/** Total time and bytes that a user's queries have used. */
export interface UserAccount {
  readonly queries: number;
  /** Sum of the running times of the queries, without waiting times, in seconds. */
  readonly seconds: number;
  /** Total size of the answers to the user's queries, in bytes. */
  readonly bytes: number;
}

/**
 * Function that must be called with the number of bytes when a part of an answer arrives. Throws QueryFailure if the
 * answers to the user's running queries are too large together.
 */
export type CountBytes = (bytes: number) => void;

interface Held {
  queries: number;
  bytes: number;
  /** Numbers of running queries by source. */
  readonly bySource: Map<string, number>;
}

interface Waiting {
  readonly user: string;
  readonly source: string;
  readonly start: () => void;
}

/** Largest number of users with an account. If there are more, the account with the oldest query is removed. */
const MAX_USERS = 1000;

/**
 * Limits the number of running queries. Further queries wait in order. A query may overtake queries whose user or
 * source has no free slot.
 */
export class QuerySlots {
  readonly #limits: SlotLimits;
  readonly #clock: Clock;
  readonly #users = new Map<string, Held>();
  readonly #sources = new Map<string, number>();
  #waiting: Waiting[] = [];
  readonly #accounts = new Map<string, UserAccount>();
  #running = 0;

  constructor(limits: SlotLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** The accounts by user. The user with the most recent query is last. */
  get accounts(): ReadonlyMap<string, UserAccount> {
    return this.#accounts;
  }

  /**
   * Runs a query when a slot is free. Rejects with QueryFailure if too many queries are waiting already, or with the
   * signal's reason when it is aborted.
   */
  async run<T>(user: string, source: string, signal: AbortSignal, run: (count: CountBytes) => Promise<T>): Promise<T> {
    await this.#enter(user, source, signal);
    const since = this.#clock.monotonic();
    const held = this.#users.get(user)!;
    let taken = 0;
    const count = (bytes: number): void => {
      taken += bytes;
      held.bytes += bytes;
      if (held.bytes > this.#limits.userBytes)
        throw new QueryFailure(
          422,
          `your running queries take more than ${this.#limits.userBytes / 1024 ** 2} MiB of answers; ask for fewer series`,
        );
    };
    try {
      return await run(count);
    } finally {
      this.#account(user, (this.#clock.monotonic() - since) / 1000, taken);
      this.#exit(user, source, taken);
    }
  }

  async #enter(user: string, source: string, signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw reasonOf(signal);
    if (this.#isFree(user, source)) {
      this.#take(user, source);
      return;
    }
    if (this.#waiting.length >= this.#limits.waiting)
      throw new QueryFailure(502, `${this.#waiting.length} queries are waiting already; ask again later`);
    await new Promise<void>((resolve, reject) => {
      const gone = (): void => {
        this.#waiting = this.#waiting.filter((one) => one !== waiting);
        reject(reasonOf(signal));
      };
      const waiting: Waiting = {
        user,
        source,
        start: () => {
          signal.removeEventListener("abort", gone);
          resolve();
        },
      };
      signal.addEventListener("abort", gone, { once: true });
      this.#waiting.push(waiting);
    });
  }

  #isFree(user: string, source: string): boolean {
    const { perUser, perSource, perUserAndSource } = this.#limits;
    if ((this.#sources.get(source) ?? 0) >= perSource) return false;
    const held = this.#users.get(user);
    return held === undefined || held.queries < perUser || (held.bySource.get(source) ?? 0) < perUserAndSource;
  }

  #take(user: string, source: string): void {
    this.#running++;
    const held = this.#users.get(user) ?? { queries: 0, bytes: 0, bySource: new Map<string, number>() };
    held.queries++;
    changeCount(held.bySource, source, 1);
    this.#users.set(user, held);
    changeCount(this.#sources, source, 1);
  }

  #exit(user: string, source: string, bytes: number): void {
    this.#running--;
    const held = this.#users.get(user)!;
    held.bytes -= bytes;
    changeCount(held.bySource, source, -1);
    if (--held.queries === 0) this.#users.delete(user);
    changeCount(this.#sources, source, -1);
    this.#startWaiting(user, source);
  }

  /**
   * Starts waiting queries after a query has ended. The end frees a slot of the query's user and a slot of its source,
   * so up to two queries can start.
   */
  #startWaiting(user: string, source: string): void {
    this.#waiting = this.#waiting.filter((one) => {
      const mayStart = (one.user === user || one.source === source) && this.#isFree(one.user, one.source);
      if (!mayStart) return true;
      this.#take(one.user, one.source);
      one.start();
      return false;
    });
  }

  #account(user: string, seconds: number, bytes: number): void {
    const before = this.#accounts.get(user) ?? { queries: 0, seconds: 0, bytes: 0 };
    this.#accounts.delete(user);
    this.#accounts.set(user, {
      queries: before.queries + 1,
      seconds: before.seconds + seconds,
      bytes: before.bytes + bytes,
    });
    if (this.#accounts.size > MAX_USERS) this.#accounts.delete(this.#accounts.keys().next().value!);
  }
}

/** Changes the number of a key. Removes the key if its number becomes 0. */
function changeCount(counts: Map<string, number>, key: string, change: number): void {
  const count = (counts.get(key) ?? 0) + change;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
