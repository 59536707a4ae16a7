import { createHash } from "node:crypto";
import { StoreError } from "../store.ts";

/** Runs one SQL statement and returns its rows. */
export type Query = (text: string, values?: readonly unknown[]) => Promise<readonly Record<string, unknown>[]>;

/**
 * SQL statements that upgrade the tables from one version to the next; a released statement is never changed. Entries
 * are identified by a hash, because a key may be too long for an index; removed entries stay for a week without a
 * value, for instances that were unreachable. The table of leases is unlogged, because leases end when the database
 * restarts.
 */
const STEPS: readonly string[] = [
  `CREATE TABLE narthex_entries (
     id uuid PRIMARY KEY,
     collection text NOT NULL,
     key text NOT NULL,
     value text,
     expires_at double precision NOT NULL,
     changed_at double precision
   );
   CREATE INDEX narthex_entries_expiry ON narthex_entries (collection, expires_at);
   CREATE UNLOGGED TABLE narthex_leases (
     id uuid PRIMARY KEY,
     key text NOT NULL,
     owner uuid NOT NULL,
     session integer NOT NULL,
     renewed_at timestamptz NOT NULL
   );`,
];

const SCHEMA_VERSION: number = STEPS.length;

/** Number of the advisory lock that an instance holds while it creates tables. */
const LOCK = 0x6e617274;

/**
 * Creates missing tables. Throws StoreError if this release cannot use the existing tables. The caller must then close
 * the session, which releases the lock.
 */
export async function prepareSchema(query: Query): Promise<void> {
  await checkServer(query);
  if ((await versionOf(query)) === SCHEMA_VERSION) return;
  // Takes the lock before the transaction begins, because a transaction would not see tables that another instance has
  // created after its beginning.
  await query("SELECT pg_advisory_lock($1)", [LOCK]);
  await query("BEGIN");
  const version = await versionOf(query);
  for (const step of STEPS.slice(version)) await query(step);
  if (version === 0) await query("CREATE TABLE narthex_schema (version integer NOT NULL)");
  await query("DELETE FROM narthex_schema");
  await query("INSERT INTO narthex_schema VALUES ($1)", [SCHEMA_VERSION]);
  await query("COMMIT");
  await query("SELECT pg_advisory_unlock($1)", [LOCK]);
}

/**
 * Returns the version of the existing tables, or 0 without tables. Throws StoreError if this release cannot use tables
 * of a newer version.
 */
async function versionOf(query: Query): Promise<number> {
  const [table] = await query("SELECT to_regclass('narthex_schema') AS name");
  if (table?.["name"] === null) return 0;
  const [row] = await query("SELECT version FROM narthex_schema");
  const version = Number(row?.["version"] ?? 0);
  if (version > SCHEMA_VERSION) {
    throw new StoreError(
      `its tables are of schema version ${version}, this release knows versions up to ${SCHEMA_VERSION}: run the release that made them or a later one`,
    );
  }
  return version;
}

async function checkServer(query: Query): Promise<void> {
  const [row] = await query(
    `SELECT current_setting('server_version_num')::int AS version, current_setting('server_encoding') AS encoding,
       current_setting('server_version') AS printed, pg_is_in_recovery() AS standby`,
  );
  if (Number(row!["version"]) < 120_000) {
    throw new StoreError(`it is PostgreSQL ${String(row!["printed"])}: version 12 or later is needed`);
  }
  const encoding = String(row!["encoding"]);
  if (encoding !== "UTF8") {
    throw new StoreError(`its encoding is ${encoding}: make the database with ENCODING 'UTF8'`);
  }
  if (row!["standby"] === true) throw new Error("it is a standby, which takes no writes");
}

/**
 * Returns the id of an entry: half of a SHA-256 hash of collection name and key, as a UUID. Short enough for an index
 * and for notifications.
 */
export function entryId(name: string, key: string): string {
  const hex = createHash("sha256").update(name).update("\0").update(key).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

const ESCAPES: Readonly<Record<string, string>> = { "\u0000": "\u0001\u0002", "\u0001": "\u0001\u0001" };
const MEANINGS: Readonly<Record<string, string>> = { "\u0001\u0002": "\u0000", "\u0001\u0001": "\u0001" };

/** Replaces the character U+0000 by two other characters, because PostgreSQL accepts no U+0000 in a text. */
export const toColumn = (text: string): string => text.replace(/[\u0000\u0001]/g, (character) => ESCAPES[character]!);

/** Reverses toColumn(). */
export const fromColumn = (text: string): string => text.replace(/\u0001[\u0001\u0002]/g, (pair) => MEANINGS[pair]!);
