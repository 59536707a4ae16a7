import { type Clock, type Logger, logOnChange, type StateLog } from "@narthex/runtime";
import { type Change, type Collection, type ConditionalWrite, type Entry, StoreError } from "../store.ts";
import { Batch } from "./batch.ts";
import { entryId, fromColumn, toColumn } from "./schema.ts";
import type { PostgresSession, Row } from "./postgres-session.ts";

/** Maximum number of writes or reads in one statement. */
const MAX_BATCH = 1000;
/** Options for a statement that reads or empties a whole collection, with a longer time limit in ms. */
const WHOLE = { timeoutMs: 30_000 };
/**
 * Time in ms that a removed key remains in the table without a value. An instance that was unreachable thus learns of
 * the removal.
 */
const REMOVED_FOR_MS = 7 * 86_400_000;

/** The new content of a row in the table. Without a value, the key is removed. */
interface RowChange {
  readonly id: string;
  readonly collection: string;
  readonly key: string;
  readonly value: string | null;
  readonly expiresAt: number;
  readonly changedAt: number | null;
}

/**
 * SQL statement that writes rows in the order of their ids, so that two instances do not deadlock, and notifies other
 * instances of the ids (at most 8000 bytes per notification). A single statement, because a transaction of several
 * statements could remain open if the client is disconnected.
 */
const WRITE = `
  WITH written AS (
    INSERT INTO narthex_entries AS kept (id, collection, key, value, expires_at, changed_at)
    SELECT * FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::float8[], $7::float8[]) AS wanted (id) ORDER BY wanted.id
    ON CONFLICT (id) DO UPDATE SET
      value = excluded.value,
      expires_at = excluded.expires_at,
      changed_at = CASE WHEN excluded.value IS NULL THEN kept.changed_at ELSE excluded.changed_at END
    WHERE excluded.value IS NULL OR excluded.changed_at IS NULL OR kept.changed_at IS NULL
      OR excluded.changed_at >= kept.changed_at
    RETURNING collection, id
  ), numbered AS (
    SELECT collection, id, (row_number() OVER (PARTITION BY collection) - 1) / 200 AS part FROM written
  )
  SELECT pg_notify($1, collection || ':' || string_agg(id::text, ',')) FROM numbered GROUP BY collection, part`;

/**
 * SQL statement that writes rows only if all rows still have their expected values. If a row changed before, nothing is
 * written; if a row changes during the statement, a division by zero undoes the writes.
 */
const EXCHANGE = `
  WITH wanted AS (
    SELECT * FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::float8[], $7::text[], $8::boolean[])
      AS wanted (id, collection, key, value, expires_at, before, is_conditional)
  ), stale AS (
    SELECT FROM wanted LEFT JOIN narthex_entries AS there ON there.id = wanted.id
    WHERE is_conditional AND there.value IS DISTINCT FROM before
  ), written AS (
    INSERT INTO narthex_entries AS kept (id, collection, key, value, expires_at)
    SELECT id, collection, key, value, expires_at FROM wanted WHERE NOT EXISTS (SELECT FROM stale) ORDER BY id
    ON CONFLICT (id) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at, changed_at = NULL
    WHERE EXISTS (
      SELECT FROM wanted WHERE wanted.id = kept.id AND (NOT is_conditional OR kept.value IS NOT DISTINCT FROM before)
    )
    RETURNING collection, id
  ), numbered AS (
    SELECT collection, id, (row_number() OVER (PARTITION BY collection) - 1) / 200 AS part FROM written
  )
  SELECT pg_notify($1, collection || ':' || string_agg(id::text, ',')),
    (SELECT 1 / (count(*) = cardinality($2::uuid[]))::int FROM written) AS complete
  FROM numbered GROUP BY collection, part`;
/** SQLSTATE code of a division by zero, with which EXCHANGE fails if some entries were not written. */
const INCOMPLETE = "22012";

const COLUMNS = "id, collection, key, value, expires_at, changed_at";
const READ = `SELECT ${COLUMNS} FROM narthex_entries WHERE id = ANY($1::uuid[])`;
const READ_ALL = `SELECT ${COLUMNS} FROM narthex_entries WHERE collection = $1 AND value IS NOT NULL ORDER BY key COLLATE "C"`;
const SIZE = `SELECT coalesce(sum(octet_length(key) + octet_length(value)), 0)::float8 AS bytes FROM narthex_entries WHERE collection = $1`;
const DROP = `
  WITH dropped AS (
    DELETE FROM narthex_entries WHERE id IN (
      SELECT id FROM narthex_entries WHERE collection = $1 AND expires_at <= $2 ORDER BY id FOR UPDATE SKIP LOCKED
    ) RETURNING value IS NOT NULL AS counts
  )
  SELECT count(*) FILTER (WHERE counts)::int AS dropped FROM dropped`;

/**
 * SQL statements that read a collection in the order of its keys. The collection is named in the text, not in a parameter,
 * so that PostgreSQL uses the index of this collection.
 */
const orderedStatements = (name: string) => {
  const rows = `narthex_entries WHERE collection = '${name}' AND value IS NOT NULL`;
  return {
    // Creates the index outside of the schema, because a missing index only makes reads slower, and earlier releases do
    // not need it.
    index: `CREATE INDEX IF NOT EXISTS narthex_entries_keys_of_${name} ON narthex_entries (key COLLATE "C") WHERE collection = '${name}'`,
    latest: `SELECT ${COLUMNS} FROM ${rows} AND key COLLATE "C" >= $1 AND ($2::text IS NULL OR key COLLATE "C" < $2)
      ORDER BY key COLLATE "C" DESC LIMIT $3`,
    trim: `
      WITH first AS (SELECT key FROM ${rows} ORDER BY key COLLATE "C" DESC OFFSET $2 LIMIT 1),
      dropped AS (
        DELETE FROM narthex_entries WHERE id IN (
          SELECT id FROM ${rows}
          AND (key COLLATE "C" < $1 OR key COLLATE "C" < (SELECT key FROM first))
          ORDER BY key COLLATE "C" LIMIT $3 FOR UPDATE SKIP LOCKED
        ) RETURNING 1
      )
      SELECT count(*)::int AS dropped FROM dropped`,
  };
};

/** The collections in a database, accessed through one database session. */
export class EntryTable {
  readonly #session: PostgresSession;
  readonly #clock: Clock;
  readonly #taking: StateLog;
  readonly #collections = new Map<string, Collection>();
  readonly #watchers = new Map<string, Set<(change: Change) => void>>();
  readonly #writes: Batch<readonly RowChange[], undefined>;
  readonly #reads: Batch<string, Row | undefined>;
  /** For each collection, ids of entries that other instances have written and that must be read. */
  readonly #changedKeys = new Map<string, Set<string>>();
  #changesReceived = 0;

  constructor(session: PostgresSession, clock: Clock, logger: Logger) {
    this.#session = session;
    this.#taking = logOnChange(logger, "Taking in what other instances wrote");
    this.#clock = clock;
    this.#writes = new Batch(MAX_BATCH, async (items) => {
      await this.#write(items.flat());
      return () => undefined;
    });
    this.#reads = new Batch(MAX_BATCH, async (ids) => {
      const rows = new Map((await session.run(READ, [ids])).map((row) => [row["id"] as string, row]));
      return (id) => rows.get(id);
    });
  }

  /** Number of entry changes that other instances have reported. */
  get changesReceived(): number {
    return this.#changesReceived;
  }

  collection(name: string): Collection {
    const known = this.#collections.get(name) ?? this.#open(name);
    this.#collections.set(name, known);
    return known;
  }

  flush(): void {
    this.#writes.flush();
  }

  /** Reads all watched collections again. Called when notifications may have been missed. */
  reload(): void {
    for (const [name, listeners] of this.#watchers) {
      if (listeners.size === 0) continue;
      this.#readAll(name).then(
        (put) => this.#notify(name, { put, removed: [], complete: true }),
        // Ignores the error: the connection was lost again, and all collections are read when the next session begins.
        () => undefined,
      );
    }
  }

  /** Handles a notification of another instance about written entries. Its form is `<collection>:<id>,…`. */
  onWritten(name: string, ids: readonly string[]): void {
    if ((this.#watchers.get(name)?.size ?? 0) === 0) return;
    const changedKeys = this.#changedKeys.get(name) ?? new Set();
    if (this.#changedKeys.size === 0) setImmediate(() => this.#readChanged());
    this.#changedKeys.set(name, changedKeys);
    for (const id of ids) changedKeys.add(id);
  }

  #readChanged(): void {
    for (const [name, ids] of this.#changedKeys) {
      this.#changesReceived += ids.size;
      this.#session.run(READ, [[...ids]]).then(
        (rows) => {
          const put = rows.filter((row) => row["value"] !== null).map(toEntry);
          const removed = rows.filter((row) => row["value"] === null).map((row) => fromColumn(row["key"] as string));
          this.#notify(name, { put, removed, complete: false });
        },
        // Ignores the error: the connection was lost, and the next session reads all watched collections again.
        () => undefined,
      );
    }
    this.#changedKeys.clear();
  }

  /**
   * Calls the watchers of a collection with a change. Their errors are only logged, so that a write of another instance
   * cannot end this process.
   */
  #notify(name: string, change: Change): void {
    for (const listen of this.#watchers.get(name) ?? []) {
      try {
        listen(change);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        this.#taking.failed(`a change of the collection ${name} was not taken in: ${reason}`);
      }
    }
  }

  async #readAll(name: string): Promise<readonly Entry[]> {
    this.flush();
    return (await this.#session.run(READ_ALL, [name], WHOLE)).map(toEntry);
  }

  /** Writes entries if no one else has changed any of them. Returns true if they were written. */
  async exchange(writes: readonly ConditionalWrite[]): Promise<boolean> {
    if (writes.length === 0) return true;
    this.flush();
    const gone = this.#clock.now() + REMOVED_FOR_MS;
    const ids = writes.map(({ collection, key }) => entryId(collection, key));
    const values = writes.map(({ entry }) => (entry === undefined ? null : toColumn(entry.value)));
    let sent = 0;
    try {
      const rows = await this.#session.run(
        EXCHANGE,
        [
          this.#session.channel,
          ids,
          writes.map(({ collection }) => collection),
          writes.map(({ key }) => toColumn(key)),
          values,
          writes.map(({ entry }) => entry?.expiresAt ?? gone),
          writes.map(({ before = null }) => (before === null ? null : toColumn(before))),
          writes.map(({ before }) => before !== undefined),
        ],
        { onSend: () => void sent++, refusal: INCOMPLETE },
      );
      if (rows.length > 0) return true;
    } catch (error) {
      if (!(error instanceof StoreError) || (error.cause as { code?: unknown } | undefined)?.code !== INCOMPLETE)
        throw error;
    }
    // If the statement was sent again after its session was lost, its first execution may have written the entries
    // already.
    return sent > 1 && this.#holds(ids, values);
  }

  async #holds(ids: readonly string[], values: readonly (string | null)[]): Promise<boolean> {
    const rows = new Map((await this.#session.run(READ, [ids])).map((row) => [row["id"], row["value"]]));
    return ids.every((id, i) => (rows.get(id) ?? null) === values[i]);
  }

  async #write(wanted: readonly RowChange[]): Promise<void> {
    const rows = [...lastOfEach(wanted)];
    await this.#session.run(WRITE, [
      this.#session.channel,
      rows.map(({ id }) => id),
      rows.map(({ collection }) => collection),
      rows.map(({ key }) => toColumn(key)),
      rows.map(({ value }) => (value === null ? null : toColumn(value))),
      rows.map(({ expiresAt }) => expiresAt),
      rows.map(({ changedAt }) => changedAt),
    ]);
  }

  #open(name: string): Collection {
    const toPut = ({ key, value, expiresAt, changedAt }: Entry): RowChange => ({
      id: entryId(name, key),
      collection: name,
      key,
      value,
      expiresAt,
      changedAt: changedAt ?? null,
    });
    const toRemove = (key: string): RowChange => ({
      id: entryId(name, key),
      collection: name,
      key,
      value: null,
      expiresAt: this.#clock.now() + REMOVED_FOR_MS,
      changedAt: null,
    });
    let lastSize = 0;
    const ordered = orderedStatements(name);
    let indexing: Promise<unknown> | undefined;
    const runOrdered = async (statement: string, values: readonly unknown[]): Promise<readonly Row[]> => {
      this.flush();
      // Ignores the error, because another instance may create the index at the same time, and reads work without an
      // index.
      indexing ??= this.#session.run(ordered.index, [], WHOLE).catch(() => undefined);
      await indexing;
      return this.#session.run(statement, values, WHOLE);
    };
    return {
      entries: () => (this.#session.channel === "" ? Promise.resolve([]) : this.#readAll(name)),
      get: async (key) => {
        this.flush();
        const row = await this.#reads.add(entryId(name, key));
        return row === undefined || row["value"] === null ? undefined : toEntry(row);
      },
      put: (entry) => this.#writes.add([toPut(entry)]),
      remove: (key) => this.#writes.add([toRemove(key)]),
      change: async (put, remove) => {
        const wanted = [...remove.map(toRemove), ...put.map(toPut)];
        if (wanted.length > 0) await this.#writes.add(wanted);
      },
      dropExpired: async (now) => {
        this.flush();
        return (await this.#session.run(DROP, [name, now], WHOLE))[0]!["dropped"] as number;
      },
      latest: async ({ from = "", before }, limit) =>
        (await runOrdered(ordered.latest, [toColumn(from), before ?? null, limit])).map(toEntry),
      trim: async ({ from, count }, limit) =>
        (await runOrdered(ordered.trim, [toColumn(from), Math.max(0, count - 1), limit]))[0]!["dropped"] as number,
      size: async () => {
        this.flush();
        // Ignores the error of the query, because it must not make a scrape fail.
        const [row] = await this.#session.run(SIZE, [name]).catch(() => []);
        if (row !== undefined) lastSize = row["bytes"] as number;
        return lastSize;
      },
      watch: (listener) => {
        const listeners = this.#watchers.get(name) ?? new Set();
        this.#watchers.set(name, listeners);
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    };
  }
}

/** Returns the last change for each row, because a statement can change a row only once. */
function lastOfEach(wanted: readonly RowChange[]): Iterable<RowChange> {
  const byId = new Map<string, RowChange>();
  for (const row of wanted) {
    const before = byId.get(row.id)?.changedAt ?? -Infinity;
    if (row.value === null || row.changedAt === null || row.changedAt >= before) byId.set(row.id, row);
  }
  return byId.values();
}

function toEntry(row: Row): Entry {
  const entry = {
    key: fromColumn(row["key"] as string),
    value: fromColumn(row["value"] as string),
    expiresAt: row["expires_at"] as number,
  };
  const changedAt = row["changed_at"];
  return changedAt === null ? entry : { ...entry, changedAt: changedAt as number };
}
