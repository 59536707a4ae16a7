import { type Clock, reasonOf } from "@narthex/runtime";
import { QueryFailure } from "../query-failure.ts";

export interface SlotLimits {
  /** Queries of one user, and to one source, that run at a time. */
  readonly perUser: number;
  readonly perSource: number;
  /** Queries that wait, of all users. */
  readonly waiting: number;
  /** Bytes of answers that the running queries of one user hold. */
  readonly userBytes: number;
}

/** What a user's queries took. */
export interface UserAccount {
  readonly queries: number;
  /** From their start to their end, waiting not included. */
  readonly seconds: number;
  /** Of their answers. */
  readonly bytes: number;
}

/** Is told of the bytes of an answer as they arrive. Throws QueryFailure where its user's queries hold too many. */
export type CountBytes = (bytes: number) => void;

/** What a user's running queries hold. */
interface Held {
  queries: number;
  bytes: number;
}

interface Waiting {
  readonly user: string;
  readonly source: string;
  readonly start: () => void;
}

/** Users whose account is kept; of more the one that asked longest ago is forgotten. */
const MAX_USERS = 1000;

/** Lets so many queries run at a time; the others wait in order, past those whose user or source has no slot. */
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

  /** Of each user, the one that asked last at the end. */
  get accounts(): ReadonlyMap<string, UserAccount> {
    return this.#accounts;
  }

  /** Runs in a slot. Throws QueryFailure where too many wait already; rejects with the signal's reason when it is aborted. */
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

  /** A place of a user and one of a source have become free: two may start, each by one of them. */
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
