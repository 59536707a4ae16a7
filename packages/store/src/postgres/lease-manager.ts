import { randomUUID } from "node:crypto";
import { type Clock, type Logger, logOnChange, reasonOf, type StateLog } from "@narthex/runtime";
import { StoreUnavailableError } from "../store.ts";
import { Batch } from "./batch.ts";
import { entryId } from "./schema.ts";
import type { PostgresSession } from "./postgres-session.ts";

/** Collection under which leases are notified; no collection has such a name. */
export const LEASE_TOPIC = "-leases";

/** From one renewal to the next, asking to asking. */
const RENEW_MS = 1000;
/** A holder that has not renewed for so long holds nothing: it hangs, or is cut off. */
const TTL_S = 10;
/** One whose session has ended holds its leases for so long after the last renewal: time to open another session. */
const GRACE_S = 5;
/**
 * A holder counts on its lease for so long after it last asked for it, on its own monotonic clock: no one else can have
 * it by then, whatever became of its session, and it has a second to stop what it does.
 */
const HOLD_MS = (GRACE_S - 1) * 1000;
/** A lease that another holds is tried for every so often: no one tells of one that ran out. */
const RETRY_MS = 500;
/** A caller whose question the database does not answer goes on without a lease after this time. A restart is over by then. */
const PATIENCE_MS = 10_000;

/**
 * Leases are rows with an owner, a moment of renewal by the database's clock, and the session that renewed them.
 *
 * Advisory locks of a session would be simpler, and fall at once when a holder is killed; but a holder that hangs, or
 * whose line was cut without a word, would keep them for as long as its connection seems alive. A row that runs out
 * survives none of them for long, but a kill -9 would cost the full time. So both: a lease is free when it has run out,
 * and a moment after the session that renewed it is gone, which the server notices at once when a process dies.
 *
 * All leases of an instance are taken, renewed and given back by few statements over its one connection.
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

/** Counts other sessions of the same application, also those whose tables are in another schema. */
const COUNT_OTHERS = `
  SELECT count(*)::int AS others FROM pg_stat_activity
  WHERE application_name = $1 AND datname = current_database() AND pid <> pg_backend_pid()`;

/** The right of one instance to do a thing, among those that share a store. */
export interface Lease {
  /** Is it certain that no one else has it? By the clock: a process that hung has not been told yet. */
  isHeld(): boolean;
  /** Aborted when it is no longer certain; what the lease was for has to stop at once. */
  readonly lost: AbortSignal;
  /** Gives it back; others hear of it. */
  release(): void;
}

export interface Leases {
  /**
   * Resolves when no one else holds the key. Resolves to undefined if the database has been out of reach, or has
   * refused the statement, for 10 s. Rejects when the signal is aborted.
   */
  take(key: string, signal: AbortSignal): Promise<Lease | undefined>;
  /** Has no other instance of this application a session of the database? False if the database does not answer. */
  isAlone(): Promise<boolean>;
}

/** Counts for metrics. */
export interface LeaseCounts {
  readonly held: number;
  readonly waiting: number;
  readonly taken: number;
  /** Held ones that were not renewed in time, or that another has taken over. */
  readonly lost: number;
  /** take() that ended without a lease: the database was out of reach or refused the statement. */
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
  /** By id, in order of asking. */
  readonly #waiters = new Map<string, Waiter[]>();
  /** Monotonic ms at which a lease that was granted had been asked for; undefined: not granted. */
  readonly #tries: Batch<string, number | undefined>;
  readonly #returns: Batch<string, undefined>;
  readonly #trying = new Set<string>();
  /** Cancels the timers that end the waits for the database's answers, by id. */
  readonly #answerTimers = new Map<string, () => void>();
  readonly #log: StateLog;
  /** Monotonic ms of the first refused statement since the last one that was answered. */
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

  /** Another instance has given leases back. */
  onReleased(ids: readonly string[]): void {
    for (const id of ids) if (this.#waiters.has(id)) this.#try(id);
  }

  /** With a new session: leases held are renewed for it before they run out. A renewal under way is sent over it anyway. */
  renewNow(): void {
    if (this.#isRenewing) return;
    this.#cancelRenew?.();
    this.#cancelRenew = undefined;
    if (this.#held.size > 0) void this.#renew();
  }

  /** Gives nothing back: the end of the session does. */
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
    // What was given back in this turn of the event loop is free before anything is taken.
    this.#returns.flush();
    this.#tries.add(id).then(
      (askedAt) => {
        this.#trying.delete(id);
        this.#stopAnswerTimer(id);
        this.#refusedSince = undefined;
        this.#log.worked();
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
      // The answer came too late to be of use: as good as no database.
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
   * Ends the wait for a lease if the database is out of reach, or has refused statements for too long. A refused statement
   * is tried again until then, as another instance may hold the lease.
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

  /** The timer runs from the first question to the first answer, through all refused statements between. */
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

  /** At most one renewal is under way or waits for its time. */
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
      // Rows of ours that no one here holds: their return was lost on the way.
      for (const id of renewed) {
        if (!this.#held.has(id) && !this.#trying.has(id)) this.#returns.add(id).catch(() => undefined);
      }
    } catch {
      // Out of reach: renewed with the next session.
    }
    this.#isRenewing = false;
    if (this.#held.size > 0) this.#renewLater(Math.max(0, started + RENEW_MS - this.#clock.monotonic()));
  }

  /** Leases that are not renewed in time are lost at their moment. */
  #expireLater(until: number): void {
    this.#cancelExpiry ??= this.#clock.after(until - this.#clock.monotonic(), () => {
      this.#cancelExpiry = undefined;
      let next = Infinity;
      for (const [id, lease] of this.#held) {
        if (lease.isHeld()) next = Math.min(next, lease.until);
        else {
          // Given back first: the next caller of this instance asks for the lease again.
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

/** A lease as its holder sees it. */
class HeldLease implements Lease {
  /** It is certainly ours before this moment of the monotonic clock, ms. */
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
