import { type Clock, reasonOf } from "@narthex/runtime";
import { QueryFailure } from "../query-failure.ts";

/** An open connection to a database. */
export interface PooledSession {
  /** Whether another statement may be sent. */
  readonly isUsable: boolean;
  /** Closes the connection immediately. */
  destroy(): void;
}

export interface PoolLimits {
  /** Maximum number of open connections, and of open connections without a statement. */
  readonly maxOpen: number;
  readonly maxIdle: number;
  /** Time in ms after which a connection is not used again. */
  readonly maxLifetimeMs: number;
}

interface PoolOptions<S> extends PoolLimits {
  readonly clock: Clock;
  readonly open: (signal: AbortSignal) => Promise<S>;
}

interface Idle<S> {
  readonly session: S;
  readonly keepAwake: () => void;
}

/** Time in ms after which a connection without statements is closed. */
const IDLE_MS = 30_000;

/** Opens connections to a database when they are needed, and keeps some of them for the next statements. */
export class SessionPool<S extends PooledSession> {
  readonly #options: PoolOptions<S>;
  readonly #idle: Idle<S>[] = [];
  readonly #opened = new Map<S, number>();
  readonly #closed = new AbortController();
  #waiting: (() => void)[] = [];
  #count = 0;

  constructor(options: PoolOptions<S>) {
    this.#options = options;
  }

  /** Number of open connections. */
  get size(): number {
    return this.#count;
  }

  /**
   * Calls `work` with a connection. Rejects with the signal's reason if the signal aborts before a connection is free.
   */
  async use<T>(signal: AbortSignal, work: (session: S) => Promise<T>): Promise<T> {
    const session = await this.#take(signal);
    try {
      return await work(session);
    } finally {
      this.#giveBack(session);
    }
  }

  /** Closes all connections. Running statements fail. */
  close(): void {
    this.#closed.abort(new QueryFailure(502, "the data source was closed"));
    for (const { session, keepAwake } of this.#idle.splice(0)) {
      keepAwake();
      this.#drop(session);
    }
    for (const session of this.#opened.keys()) session.destroy();
  }

  async #take(signal: AbortSignal): Promise<S> {
    for (;;) {
      if (signal.aborted) throw reasonOf(signal);
      if (this.#closed.signal.aborted) throw reasonOf(this.#closed.signal);
      const kept = this.#idle.pop();
      if (kept !== undefined) {
        kept.keepAwake();
        if (kept.session.isUsable && !this.#isOld(kept.session)) return kept.session;
        this.#drop(kept.session);
      } else if (this.#count < this.#options.maxOpen) return this.#open(signal);
      else await this.#turn(signal);
    }
  }

  async #open(signal: AbortSignal): Promise<S> {
    this.#count++;
    try {
      const session = await this.#options.open(AbortSignal.any([signal, this.#closed.signal]));
      this.#opened.set(session, this.#options.clock.monotonic());
      return session;
    } catch (error) {
      this.#count--;
      this.#wake();
      throw error;
    }
  }

  #giveBack(session: S): void {
    const mayStay = session.isUsable && !this.#closed.signal.aborted && !this.#isOld(session);
    if (mayStay && this.#idle.length < this.#options.maxIdle) {
      const keepAwake = this.#options.clock.after(IDLE_MS, () => {
        this.#idle.splice(
          this.#idle.findIndex((one) => one.session === session),
          1,
        );
        this.#drop(session);
      });
      this.#idle.push({ session, keepAwake });
    } else this.#drop(session);
    this.#wake();
  }

  #drop(session: S): void {
    if (!this.#opened.delete(session)) return;
    this.#count--;
    session.destroy();
  }

  #isOld(session: S): boolean {
    return this.#options.clock.monotonic() - this.#opened.get(session)! > this.#options.maxLifetimeMs;
  }

  #wake(): void {
    this.#waiting.shift()?.();
  }

  /** Waits until a connection may be available. Rejects with the signal's reason. */
  #turn(signal: AbortSignal): Promise<void> {
    const either = AbortSignal.any([signal, this.#closed.signal]);
    return new Promise((resolve, reject) => {
      const gone = (): void => {
        this.#waiting = this.#waiting.filter((one) => one !== turn);
        reject(reasonOf(either));
      };
      const turn = (): void => {
        either.removeEventListener("abort", gone);
        resolve();
      };
      either.addEventListener("abort", gone, { once: true });
      this.#waiting.push(turn);
    });
  }
}
