import { randomUUID } from "node:crypto";
import { type Clock, type Logger, logOnChange, reasonOf, type StateLog } from "@narthex/runtime";
import { StoreUnavailableError } from "../store.ts";
import { Batch } from "./batch.ts";
import { entryId } from "./schema.ts";
import type { PostgresSession } from "./postgres-session.ts";

/** Collection name under which leases are notified; no real collection has it. */
export const LEASE_TOPIC = "-leases";

/** Interval between the sending of two renewals. */
const RENEW_MS = 1000;
/** Time without a renewal after which a lease is free: its holder hangs or is disconnected. */
const TTL_S = 10;
/**
 * Time after the last renewal during which a lease is kept if the holder's session has ended, to allow opening another
 * one.
 */
const GRACE_S = 5;
/**
 * Time after sending a renewal during which a holder relies on its lease, by its own monotonic clock. No other instance
 * can take it within this time, whatever happens to the session, and the holder has a second to stop its work.
 */
const HOLD_MS = (GRACE_S - 1) * 1000;
/** Interval of trying a lease that another instance holds, because an expired lease is not notified. */
const RETRY_MS = 500;
/** Time after which a caller continues without a lease if the database does not answer. A restart takes less. */
const PATIENCE_MS = 10_000;

/**
 * Leases are rows with an owner, the time of renewal by the database's clock, and the session that renewed them.
 * Advisory locks of a session would be simpler, and are released at once when a holder is killed. But a holder that
 * hangs, or whose connection was cut, would keep them as long as its connection seems open. A row that expires solves
 * this, but after a kill -9 it would take the full time. So both are used: a lease is free when it has expired, or
 * shortly after its session has ended, which the server notices at once when a process dies.
 * All leases of an instance are taken, renewed and released by few statements over its one connection.
 */
const IS_FREE = `(
  held.renewed_at NOT BETWEEN clock_timestamp() - interval '${TTL_S} s' AND clock_timestamp() + interval '${TTL_S} s'
  OR (held.renewed_at < clock_timestamp() - interval '${GRACE_S} s'
      AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = held.session)))`;

const TAKE = `
  INSERT INTO narthex_leases AS held (id, key, owner, session, renewed_at)
  SELECT wanted.id, wanted.key, $3::uuid, pg_backend_pid(), clock_timestamp()
  FROM unnest($1::uuid[], $2::text[]) AS wanted (id, key) ORDER BY wanted.id
  ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, session = excluded.session, renewed_at = clock_timestamp()
  WHERE held.owner = excluded.owner OR ${IS_FREE}
  RETURNING id`;

const RENEW = `
  WITH own AS (SELECT id FROM narthex_leases WHERE owner = $1 ORDER BY id FOR UPDATE)
  UPDATE narthex_leases SET renewed_at = clock_timestamp(), session = pg_backend_pid() FROM own
  WHERE narthex_leases.id = own.id RETURNING own.id`;

const GIVE_BACK = `
  WITH own AS (
    SELECT id FROM narthex_leases WHERE id = ANY($2::uuid[]) AND owner = $3 ORDER BY id FOR UPDATE
  ), freed AS (
    DELETE FROM narthex_leases USING own WHERE narthex_leases.id = own.id RETURNING own.id
  ), numbered AS (
    SELECT id, (row_number() OVER () - 1) / 200 AS part FROM freed
  )
  SELECT pg_notify($1, '${LEASE_TOPIC}:' || string_agg(id::text, ',')) FROM numbered GROUP BY part`;

/** Counts other sessions of the same application, including those whose tables are in another schema. */
const COUNT_OTHERS = `
  SELECT count(*)::int AS others FROM pg_stat_activity
  WHERE application_name = $1 AND datname = current_database() AND pid <> pg_backend_pid()`;

/** The exclusive right of one instance, among those that share a store, to do something. */
export interface Lease {
  /**
   * Reports by the clock whether it is certain that no other instance has the lease; a process that hung has not been
   * notified yet.
   */
  isHeld(): boolean;
  /** Aborts when this is no longer certain; the protected work must stop at once. */
  readonly lost: AbortSignal;
  /** Releases the lease; other instances are notified. */
  release(): void;
}

export interface Leases {
  /**
   * Resolves when no other instance holds the key. Resolves to undefined if the database was unreachable, or has
   * refused the statement, for 10 s. Rejects when the signal is aborted.
   */
  take(key: string, signal: AbortSignal): Promise<Lease | undefined>;
  /**
   * Reports whether no other instance of this application has a session of the database. False if the database does not
   * answer.
   */
  isAlone(): Promise<boolean>;
}

/** Counts for metrics. */
export interface LeaseCounts {
  readonly held: number;
  readonly waiting: number;
  readonly taken: number;
  /** Number of held leases that were not renewed in time, or that another instance has taken over. */
  readonly lost: number;
  /** Number of take() calls that ended without a lease: the database was unreachable or refused the statement. */
  readonly withoutDatabase: number;
}

interface Waiter {
  readonly key: string;
  readonly resolve: (lease: Lease | undefined) => void;
}

/** Leases of one process over one session. */
export class LeaseManager implements Leases {
  readonly #session: PostgresSession;
  readonly #clock: Clock;
  readonly #owner = randomUUID();
  readonly #held = new Map<string, HeldLease>();
  /** Waiting callers by id, in order. */
  readonly #waiters = new Map<string, Waiter[]>();
  /**
   * Attempts; the outcome is the monotonic ms at which a granted lease was requested, or undefined if it was not
   * granted.
   */
  readonly #tries: Batch<string, number | undefined>;
  readonly #returns: Batch<string, undefined>;
  readonly #trying = new Set<string>();
  /** Cancel functions of the timers that limit the waits for the database's answers, by id. */
  readonly #answerTimers = new Map<string, () => void>();
  readonly #log: StateLog;
  /** Monotonic ms of the first refused statement since the last successful one. */
  #refusedSince: number | undefined;
  #cancelRetry: (() => void) | undefined;
  #cancelRenew: (() => void) | undefined;
  #cancelExpiry: (() => void) | undefined;
  #isRenewing = false;
  #isStopped = false;
  #taken = 0;
  #lost = 0;
  #withoutDatabase = 0;

  constructor(session: PostgresSession, clock: Clock, logger: Logger) {
    this.#session = session;
    this.#clock = clock;
    this.#log = logOnChange(logger, "Taking leases in the store's database");
    this.#tries = new Batch(1000, async (ids) => {
      const keys = ids.map((id) => this.#waiters.get(id)?.[0]?.key ?? "");
      let askedAt = clock.monotonic();
      const onSend = (): void => void (askedAt = clock.monotonic());
      const rows = await session.run(TAKE, [ids, keys, this.#owner], { patienceMs: PATIENCE_MS, onSend });
      const granted = new Set(rows.map((row) => row["id"]));
      return (id) => (granted.has(id) ? askedAt : undefined);
    });
    this.#returns = new Batch(1000, async (ids) => {
      await session.run(GIVE_BACK, [session.channel, ids, this.#owner]);
      return () => undefined;
    });
  }

  get counts(): LeaseCounts {
    return {
      held: this.#held.size,
      waiting: [...this.#waiters.values()].reduce((sum, { length }) => sum + length, 0),
      taken: this.#taken,
      lost: this.#lost,
      withoutDatabase: this.#withoutDatabase,
    };
  }

  take(key: string, signal: AbortSignal): Promise<Lease | undefined> {
    const id = entryId("leases", key);
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(reasonOf(signal));
        return;
      }
      const leave = (): void => {
        const line = this.#waiters.get(id)?.filter((other) => other !== waiter) ?? [];
        if (line.length > 0) this.#waiters.set(id, line);
        else {
          this.#waiters.delete(id);
          this.#stopAnswerTimer(id);
        }
        reject(reasonOf(signal));
      };
      const waiter: Waiter = {
        key: key.slice(0, 1000).replaceAll("\u0000", ""),
        resolve(lease) {
          signal.removeEventListener("abort", leave);
          resolve(lease);
        },
      };
      signal.addEventListener("abort", leave, { once: true });
      this.#waiters.set(id, [...(this.#waiters.get(id) ?? []), waiter]);
      this.#try(id);
    });
  }

  async isAlone(): Promise<boolean> {
    const rows = await this.#session.run(COUNT_OTHERS, [this.#session.application]).catch(() => []);
    return rows[0]?.["others"] === 0;
  }

  /** Called when another instance has released leases. */
  onReleased(ids: readonly string[]): void {
    for (const id of ids) if (this.#waiters.has(id)) this.#try(id);
  }

  /**
   * Called for a new session: renews held leases with it before they expire. A running renewal is sent over it anyway.
   */
  renewNow(): void {
    if (this.#isRenewing) return;
    this.#cancelRenew?.();
    this.#cancelRenew = undefined;
    if (this.#held.size > 0) void this.#renew();
  }

  /** Releases nothing, because the end of the session does. */
  stop(): void {
    this.#isStopped = true;
    this.#cancelRetry?.();
    this.#cancelRenew?.();
    this.#cancelExpiry?.();
    for (const id of this.#answerTimers.keys()) this.#stopAnswerTimer(id);
  }

  #try(id: string): void {
    if (this.#held.has(id)) return;
    this.#startAnswerTimer(id);
    if (this.#trying.has(id)) return;
    this.#trying.add(id);
    // Leases released in this turn of the event loop are free before others are taken.
    this.#returns.flush();
    this.#tries.add(id).then(
      (askedAt) => {
        this.#trying.delete(id);
        this.#stopAnswerTimer(id);
        this.#refusedSince = undefined;
        this.#log.succeeded();
        if (askedAt === undefined) this.#retryLater();
        else this.#grant(id, askedAt + HOLD_MS);
      },
      (error: unknown) => {
        this.#trying.delete(id);
        this.#goWithout(id, error);
      },
    );
  }

  #grant(id: string, until: number): void {
    if (until <= this.#clock.monotonic()) {
      // The answer arrived too late to be useful, as if there were no database.
      this.#returns.add(id).catch(() => undefined);
      this.#allGoWithout(id);
      return;
    }
    const lease = new HeldLease(this.#clock, until, () => {
      if (this.#held.get(id) !== lease) return;
      this.#held.delete(id);
      this.#returns.add(id).catch(() => undefined); // it runs out
      if (this.#waiters.has(id)) this.#try(id);
    });
    this.#held.set(id, lease);
    this.#renewLater(RENEW_MS);
    this.#expireLater(until);
    const waiter = this.#next(id);
    if (waiter === undefined) {
      lease.release();
      return;
    }
    this.#taken++;
    waiter.resolve(lease);
  }

  #next(id: string): Waiter | undefined {
    const [first, ...rest] = this.#waiters.get(id) ?? [];
    if (rest.length > 0) this.#waiters.set(id, rest);
    else this.#waiters.delete(id);
    return first;
  }

  /**
   * Ends the wait for a lease if the database is unreachable, or has refused statements for too long. Until then a
   * refused statement is tried again, because another instance may hold the lease.
   */
  #goWithout(id: string, error: unknown): void {
    if (!(error instanceof StoreUnavailableError)) {
      const now = this.#clock.monotonic();
      this.#refusedSince ??= now;
      this.#log.failed(error instanceof Error ? error.message : String(error));
      if (now - this.#refusedSince < PATIENCE_MS) {
        this.#retryLater();
        return;
      }
    }
    this.#allGoWithout(id);
  }

  /** The timer runs from the first request to the first answer, through all refused statements in between. */
  #startAnswerTimer(id: string): void {
    if (this.#isStopped || this.#answerTimers.has(id)) return;
    this.#answerTimers.set(
      id,
      this.#clock.after(PATIENCE_MS, () => this.#allGoWithout(id)),
    );
  }

  #stopAnswerTimer(id: string): void {
    this.#answerTimers.get(id)?.();
    this.#answerTimers.delete(id);
  }

  #allGoWithout(id: string): void {
    this.#stopAnswerTimer(id);
    for (let waiter = this.#next(id); waiter !== undefined; waiter = this.#next(id)) {
      this.#withoutDatabase++;
      waiter.resolve(undefined);
    }
  }

  #retryLater(): void {
    this.#cancelRetry ??= this.#clock.after(RETRY_MS, () => {
      this.#cancelRetry = undefined;
      for (const id of this.#waiters.keys()) this.#try(id);
    });
  }

  /** At most one renewal is running or scheduled. */
  #renewLater(ms: number): void {
    if (this.#isRenewing || this.#isStopped) return;
    this.#cancelRenew ??= this.#clock.after(ms, () => {
      this.#cancelRenew = undefined;
      void this.#renew();
    });
  }

  async #renew(): Promise<void> {
    this.#isRenewing = true;
    const before = [...this.#held];
    const started = this.#clock.monotonic();
    let askedAt = started;
    const onSend = (): void => void (askedAt = this.#clock.monotonic());
    try {
      const rows = await this.#session.run(RENEW, [this.#owner], { onSend });
      const renewed = new Set(rows.map((row) => row["id"] as string));
      for (const [id, lease] of before) {
        if (this.#held.get(id) !== lease) continue;
        if (renewed.has(id)) lease.until = askedAt + HOLD_MS;
        else this.#lose(id, lease);
      }
      // Rows of this instance that are not held here: their release was lost.
      for (const id of renewed) {
        if (!this.#held.has(id) && !this.#trying.has(id)) this.#returns.add(id).catch(() => undefined);
      }
    } catch {
      // The database is unreachable: renewed with the next session.
    }
    this.#isRenewing = false;
    if (this.#held.size > 0) this.#renewLater(Math.max(0, started + RENEW_MS - this.#clock.monotonic()));
  }

  /** Marks leases as lost when they were not renewed in time. */
  #expireLater(until: number): void {
    this.#cancelExpiry ??= this.#clock.after(until - this.#clock.monotonic(), () => {
      this.#cancelExpiry = undefined;
      let next = Infinity;
      for (const [id, lease] of this.#held) {
        if (lease.isHeld()) next = Math.min(next, lease.until);
        else {
          // Released first, because the next caller of this instance requests the lease again.
          this.#returns.add(id).catch(() => undefined); // it runs out
          this.#lose(id, lease);
        }
      }
      if (next < Infinity) this.#expireLater(next);
    });
  }

  #lose(id: string, lease: HeldLease): void {
    this.#held.delete(id);
    this.#lost++;
    lease.lose();
    if (this.#waiters.has(id)) this.#try(id);
  }
}

/** A lease for its holder. */
class HeldLease implements Lease {
  /** Monotonic ms until which the lease is certainly held. */
  until: number;
  readonly #clock: Clock;
  readonly #lost = new AbortController();
  readonly #giveBack: () => void;

  constructor(clock: Clock, until: number, giveBack: () => void) {
    this.#clock = clock;
    this.until = until;
    this.#giveBack = giveBack;
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  isHeld(): boolean {
    return !this.lost.aborted && this.#clock.monotonic() < this.until;
  }

  lose(): void {
    this.#lost.abort(new Error("the lease was lost"));
  }

  release(): void {
    this.#giveBack();
  }
}
