import { type Clock, reasonOf } from "@narthex/runtime";
import { QueryFailure } from "../query-failure.ts";

export interface SlotLimits {
  /** Largest number of running queries of a user, and of a source. */
  readonly perUser: number;
  readonly perSource: number;
  /** Largest number of waiting queries of all users. */
  readonly waiting: number;
  /** Largest number of bytes of answers that a user's running queries hold. */
  readonly userBytes: number;
}

/** The resources that a user's queries have used. */
export interface UserAccount {
  readonly queries: number;
  /** Time from start to end of the queries, without waiting. */
  readonly seconds: number;
  /** Bytes of their answers. */
  readonly bytes: number;
}

/** Receives the bytes of an answer as they arrive. Throws QueryFailure if the user's queries hold too many. */
export type CountBytes = (bytes: number) => void;

/** The bytes that a user's running queries hold. */
interface Held {
  queries: number;
  bytes: number;
}

interface Waiting {
  readonly user: string;
  readonly source: string;
  readonly start: () => void;
}

/** Largest number of users with an account. The least recent one is removed. */
const MAX_USERS = 1000;

/**
 * Limits the number of running queries. Others wait in order, but a query may overtake those whose user or source has
 * no free slot.
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

  /** Returns the accounts by user, the most recent one last. */
  get accounts(): ReadonlyMap<string, UserAccount> {
    return this.#accounts;
  }

  /**
   * Runs a query in a slot. Rejects with QueryFailure if no slot is free and too many queries wait already, and with
   * the signal's reason when it is aborted.
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
    const { perUser, perSource } = this.#limits;
    return (this.#users.get(user)?.queries ?? 0) < perUser && (this.#sources.get(source) ?? 0) < perSource;
  }

  #take(user: string, source: string): void {
    this.#running++;
    const held = this.#users.get(user) ?? { queries: 0, bytes: 0 };
    held.queries++;
    this.#users.set(user, held);
    this.#sources.set(source, (this.#sources.get(source) ?? 0) + 1);
  }

  #exit(user: string, source: string, bytes: number): void {
    this.#running--;
    const held = this.#users.get(user)!;
    held.bytes -= bytes;
    if (--held.queries === 0) this.#users.delete(user);
    const left = this.#sources.get(source)! - 1;
    if (left === 0) this.#sources.delete(source);
    else this.#sources.set(source, left);
    this.#startWaiting(user, source);
  }

  /** A slot of a user and a slot of a source are free, so up to two queries can start. */
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
