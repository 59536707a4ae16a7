import { randomUUID } from "node:crypto";
import { type Clock, type Logger, logOnChange, reasonOf, type StateLog } from "@narthex/runtime";
import { StoreUnavailableError } from "../store.ts";
import { Batch } from "./batch.ts";
import { entryId } from "./schema.ts";
import type { PostgresSession } from "./postgres-session.ts";

/** Used instead of a collection name in notifications about leases. No collection can be named `-leases`. */
export const LEASE_TOPIC = "-leases";

/** Interval in ms at which leases are renewed. */
const RENEW_MS = 1000;
/** Time in seconds after which a lease that was not renewed is free. Its holder hangs or has lost the connection. */
const TTL_S = 10;
/**
 * Time in seconds after the last renewal of a lease during which the lease is kept, even if the session of its holder
 * has ended. Within this time, the holder can open another session.
 */
const GRACE_S = 5;
/**
 * Time in ms for which a holder relies on its lease, measured by its monotonic clock from when it sent the last
 * renewal. No other instance can take the lease within this time, even if the session ends. After this time, the holder
 * has one more second to stop its work.
 */
const HOLD_MS = (GRACE_S - 1) * 1000;
/**
 * Interval in ms at which an instance tries to take a lease that another instance holds. The database does not notify
 * of expired leases.
 */
const RETRY_MS = 500;
/**
 * Time in ms without an answer of the database after which a caller continues without a lease. A restart of the
 * database takes less time.
 */
const PATIENCE_MS = 10_000;

/**
 * SQL condition under which a lease is free: the lease has expired, or it was not renewed recently and the session of
 * its holder has ended. PostgreSQL's advisory locks would not end if the holder hangs or is disconnected. Expiry alone
 * would keep a lease for long after its holder is killed.
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

/**
 * SQL statement that counts the sessions of other instances with the same application name, also if their tables are in
 * another schema.
 */
const COUNT_OTHERS = `
  SELECT count(*)::int AS others FROM pg_stat_activity
  WHERE application_name = $1 AND datname = current_database() AND pid <> pg_backend_pid()`;

/** The exclusive right to do something. Among the instances with a common database, only one can have the right. */
export interface Lease {
  /**
   * Reports whether this instance certainly still has the lease, by the current time. Needed because a process that
   * hung may notice the abort of `lost` too late.
   */
  isHeld(): boolean;
  /** Aborted when another instance may have the lease. The work that it protects must stop at once. */
  readonly lost: AbortSignal;
  /** Releases the lease, and notifies other instances. */
  release(): void;
}

export interface Leases {
  /**
   * Waits until no other instance has the lease for the key, and takes it. Resolves with undefined if the database was
   * unreachable, or refused statements, for 10 s. Rejects when the signal is aborted.
   */
  take(key: string, signal: AbortSignal): Promise<Lease | undefined>;
  /**
   * Reports whether no other instance of this application has a session in the database. Returns false if the database
   * does not answer.
   */
  isAlone(): Promise<boolean>;
}

/** Numbers of leases for the metrics. */
export interface LeaseCounts {
  readonly held: number;
  readonly waiting: number;
  readonly taken: number;
  /** Number of leases that this instance lost, because it did not renew them in time or another instance took them. */
  readonly lost: number;
  /** Number of take() calls that ended without a lease, because the database was unreachable or refused statements. */
  readonly withoutDatabase: number;
}

interface Waiter {
  readonly key: string;
  readonly resolve: (lease: Lease | undefined) => void;
}

/** Manages the leases of one process. All leases use one database session. */
export class LeaseManager implements Leases {
  readonly #session: PostgresSession;
  readonly #clock: Clock;
  readonly #owner = randomUUID();
  readonly #held = new Map<string, HeldLease>();
  /** Callers that wait for each lease, in the order of their calls. */
  readonly #waiters = new Map<string, Waiter[]>();
  /**
   * Requests to take leases. The result is the time of the request, in monotonic ms, if the lease was granted,
   * otherwise undefined.
   */
  readonly #tries: Batch<string, number | undefined>;
  readonly #returns: Batch<string, undefined>;
  readonly #trying = new Set<string>();
  /** For each lease, a function that cancels the time limit for the database's answer. */
  readonly #answerTimers = new Map<string, () => void>();
  readonly #log: StateLog;
  /** Time of the first refused statement since the last successful one, monotonic ms. */
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
      let requestedAt = clock.monotonic();
      const onSend = (): void => void (requestedAt = clock.monotonic());
      const rows = await session.run(TAKE, [ids, keys, this.#owner], { patienceMs: PATIENCE_MS, onSend });
      const granted = new Set(rows.map((row) => row["id"]));
      return (id) => (granted.has(id) ? requestedAt : undefined);
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
   * Renews all leases through a new database session before they expire. If a renewal is already running, it will be
   * sent over this session.
   */
  renewNow(): void {
    if (this.#isRenewing) return;
    this.#cancelRenew?.();
    this.#cancelRenew = undefined;
    if (this.#held.size > 0) void this.#renew();
  }

  /** Stops renewing. Leases become free when the database session ends, so they need not be released. */
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
    // Sends the waiting releases before the request, so that a lease is free when the next caller requests it.
    this.#returns.flush();
    this.#tries.add(id).then(
      (requestedAt) => {
        this.#trying.delete(id);
        this.#stopAnswerTimer(id);
        this.#refusedSince = undefined;
        this.#log.succeeded();
        if (requestedAt === undefined) this.#retryLater();
        else this.#grant(id, requestedAt + HOLD_MS);
      },
      (error: unknown) => {
        this.#trying.delete(id);
        this.#goWithout(id, error);
      },
    );
  }

  #grant(id: string, until: number): void {
    if (until <= this.#clock.monotonic()) {
      // Releases the lease, because the answer arrived too late and its callers continue without a lease.
      this.#returns.add(id).catch(() => undefined);
      this.#allGoWithout(id);
      return;
    }
    const lease = new HeldLease(this.#clock, until, () => {
      if (this.#held.get(id) !== lease) return;
      this.#held.delete(id);
      // Ignores the error, because a lease that cannot be released expires by itself.
      this.#returns.add(id).catch(() => undefined);
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
   * Lets the callers that wait for a lease continue without it if the database was unreachable, or has refused
   * statements, for too long. Until then, a refused statement is tried again, because another instance may have the
   * lease.
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

  /**
   * Starts the time limit for the database's answer. It runs from the first request until a statement succeeds, even if
   * statements are refused in between.
   */
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

  /** Schedules a renewal, unless one is already running or scheduled. */
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
    let requestedAt = started;
    const onSend = (): void => void (requestedAt = this.#clock.monotonic());
    try {
      const rows = await this.#session.run(RENEW, [this.#owner], { onSend });
      const renewed = new Set(rows.map((row) => row["id"] as string));
      for (const [id, lease] of before) {
        if (this.#held.get(id) !== lease) continue;
        if (renewed.has(id)) lease.until = requestedAt + HOLD_MS;
        else this.#lose(id, lease);
      }
      // Releases leases again that the database still assigns to this instance, because their first release was lost.
      for (const id of renewed) {
        if (!this.#held.has(id) && !this.#trying.has(id)) this.#returns.add(id).catch(() => undefined);
      }
    } catch {
      // Ignores the error: the database is unreachable, and leases are renewed when a new session is open.
    }
    this.#isRenewing = false;
    if (this.#held.size > 0) this.#renewLater(Math.max(0, started + RENEW_MS - this.#clock.monotonic()));
  }

  /** Schedules a check that marks leases as lost if they were not renewed in time. */
  #expireLater(until: number): void {
    this.#cancelExpiry ??= this.#clock.after(until - this.#clock.monotonic(), () => {
      this.#cancelExpiry = undefined;
      let next = Infinity;
      for (const [id, lease] of this.#held) {
        if (lease.isHeld()) next = Math.min(next, lease.until);
        else {
          // Sends the release before the next waiting caller of this instance requests the lease. Ignores the error,
          // because a lease that cannot be released expires by itself.
          this.#returns.add(id).catch(() => undefined);
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

class HeldLease implements Lease {
  /** Time until which this instance is certain to have the lease, monotonic ms. */
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
