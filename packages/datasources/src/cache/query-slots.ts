import { type Clock, reasonOf } from "@narthex/runtime";
import { QueryFailure } from "../query-failure.ts";

export interface SlotLimits {
  /** Queries of one user, and to one source, that run at a time. */
  readonly perUser: number;
  readonly perSource: number;
  /** Queries that wait, of all users. */
  readonly waiting: number;
}

/** What a user's queries took. */
export interface UserTime {
  queries: number;
  /** From their start to their end, waiting not included. */
  seconds: number;
}

interface Waiting {
  readonly user: string;
  readonly source: string;
  readonly start: () => void;
}

/** Users whose time is kept; of more the one that asked longest ago is forgotten. */
const MAX_USERS = 1000;

/** Lets so many queries run at a time; the others wait in order, past those whose user or source has no slot. */
export class QuerySlots {
  readonly #limits: SlotLimits;
  readonly #clock: Clock;
  readonly #users = new Map<string, number>();
  readonly #sources = new Map<string, number>();
  #waiting: Waiting[] = [];
  readonly #times = new Map<string, UserTime>();
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
  get times(): ReadonlyMap<string, Readonly<UserTime>> {
    return this.#times;
  }

  /** Runs in a slot. Throws QueryFailure where too many wait already; rejects with the signal's reason when it is aborted. */
  async run<T>(user: string, source: string, signal: AbortSignal, run: () => Promise<T>): Promise<T> {
    await this.#enter(user, source, signal);
    const since = this.#clock.monotonic();
    try {
      return await run();
    } finally {
      this.#account(user, (this.#clock.monotonic() - since) / 1000);
      this.#exit(user, source);
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
    return (this.#users.get(user) ?? 0) < perUser && (this.#sources.get(source) ?? 0) < perSource;
  }

  #take(user: string, source: string): void {
    this.#running++;
    this.#users.set(user, (this.#users.get(user) ?? 0) + 1);
    this.#sources.set(source, (this.#sources.get(source) ?? 0) + 1);
  }

  #exit(user: string, source: string): void {
    this.#running--;
    lower(this.#users, user);
    lower(this.#sources, source);
    // One slot has become free: one may start.
    const at = this.#waiting.findIndex((one) => this.#isFree(one.user, one.source));
    if (at < 0) return;
    const [next] = this.#waiting.splice(at, 1);
    this.#take(next!.user, next!.source);
    next!.start();
  }

  #account(user: string, seconds: number): void {
    const time = this.#times.get(user) ?? { queries: 0, seconds: 0 };
    this.#times.delete(user);
    this.#times.set(user, { queries: time.queries + 1, seconds: time.seconds + seconds });
    if (this.#times.size > MAX_USERS) this.#times.delete(this.#times.keys().next().value!);
  }
}

function lower(counts: Map<string, number>, key: string): void {
  const count = counts.get(key)! - 1;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
