import { type Clock, invariant, type Logger } from "@narthex/runtime";
import { EntryTable } from "./postgres/entry-table.ts";
import { LEASE_TOPIC, type LeaseCounts, LeaseManager, type Leases } from "./postgres/lease-manager.ts";
import { PostgresSession, type PostgresSessionCounts } from "./postgres/postgres-session.ts";
import { parseTarget } from "./postgres/target.ts";
import type { ConditionalStore } from "./store.ts";

export interface PostgresOptions {
  /** `postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=…` */
  readonly url: string;
  /**
   * Environment variables, in which PostgreSQL's client library libpq looks for settings: PGPASSWORD, PGPASSFILE,
   * PGSSLMODE and others.
   */
  readonly env: Readonly<Record<string, string | undefined>>;
  /**
   * Name of the database sessions, which is visible in pg_stat_activity. Instances of one program share the name, by
   * which they recognise each other.
   */
  readonly application: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Returns a random number in [0, 1). */
  readonly random: () => number;
}

/** Counts for metrics. */
interface PostgresCounts extends PostgresSessionCounts {
  /** Number of entry changes that other instances have reported. */
  readonly changesReceived: number;
  readonly leases: LeaseCounts;
}

/** A store that several instances can open at the same time. */
export interface PostgresStore extends ConditionalStore {
  readonly leases: Leases;
  /** Address of the database without the password. */
  readonly printed: string;
  counts(): PostgresCounts;
}

/**
 * Opens the state in a PostgreSQL database. Creates the tables at the first start. If the database cannot be reached
 * for some seconds, returns a store without a connection: collections are empty, writes fail with
 * StoreUnavailableError, and watchers get all entries once the database is reached. Throws StoreError if the database
 * refuses access, for example because of a wrong password, a missing permission, or tables of a newer release.
 */
export async function openPostgres({
  url,
  env,
  application,
  clock,
  logger,
  random,
}: PostgresOptions): Promise<PostgresStore> {
  const target = parseTarget(url, env);
  const session = new PostgresSession({ target, application, clock, logger, random });
  const storeLogger = logger.child({ store: target.printed });
  const entries = new EntryTable(session, clock, storeLogger);
  const leases = new LeaseManager(session, clock, storeLogger);
  session.onSession = () => {
    leases.renewNow();
    entries.reload();
  };
  session.onNotification = (payload) => {
    const colon = payload.indexOf(":");
    const topic = payload.slice(0, colon);
    const ids = payload.slice(colon + 1).split(",");
    if (topic === LEASE_TOPIC) leases.onReleased(ids);
    else entries.onWritten(topic, ids);
  };
  await session.start();
  return {
    leases,
    printed: target.printed,
    collection(name) {
      invariant(/^[a-z_]+$/.test(name), "collection names are letters and underscores", { name });
      return entries.collection(name);
    },
    exchange: (writes) => entries.exchange(writes),
    counts: () => ({ ...session.counts, changesReceived: entries.changesReceived, leases: leases.counts }),
    async close() {
      leases.stop();
      entries.flush();
      await session.close();
    },
  };
}
