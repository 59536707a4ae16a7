import { type Clock, invariant, type Logger } from "@narthex/runtime";
import { Entries } from "./postgres/entries.ts";
import { LEASE_TOPIC, type LeaseCounts, LeaseDesk, type Leases } from "./postgres/leases.ts";
import { Link, type LinkCounts } from "./postgres/link.ts";
import { parseTarget } from "./postgres/target.ts";
import type { Store } from "./store.ts";

export interface PostgresOptions {
  /** `postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=…` */
  readonly url: string;
  /** Where libpq's variables are looked up: PGPASSWORD, PGPASSFILE, PGSSLMODE and so on. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** In [0, 1). */
  readonly random: () => number;
}

/** Counts for metrics. */
export interface PostgresCounts extends LinkCounts {
  /** Entries that other instances were heard to have written. */
  readonly changesHeard: number;
  readonly leases: LeaseCounts;
}

/** A store that several instances have open at the same time. */
export interface PostgresStore extends Store {
  readonly leases: Leases;
  /** Where it is, without password. */
  readonly printed: string;
  counts(): PostgresCounts;
}

/**
 * Opens the state in a PostgreSQL database, and makes its tables at the first start. A database that cannot be reached is
 * waited for some seconds; after that the store is there without it: collections are empty, writes fail with
 * StoreAwayError, and watchers are told all there is once it has been reached. Throws StoreError for a database that is
 * there and refuses: a wrong password, no permission, tables of a newer release.
 */
export async function openPostgres({ url, env, clock, logger, random }: PostgresOptions): Promise<PostgresStore> {
  const target = parseTarget(url, env);
  const link = new Link({ target, clock, logger, random });
  const entries = new Entries(link, clock);
  const leases = new LeaseDesk(link, clock);
  link.onSession = () => {
    leases.renewNow();
    entries.readAnew();
  };
  link.onNotification = (payload) => {
    const colon = payload.indexOf(":");
    const topic = payload.slice(0, colon);
    const ids = payload.slice(colon + 1).split(",");
    if (topic === LEASE_TOPIC) leases.hear(ids);
    else entries.hear(topic, ids);
  };
  await link.start();
  return {
    leases,
    printed: target.printed,
    collection(name) {
      invariant(/^[a-z_]+$/.test(name), "collection names are letters and underscores", { name });
      return entries.collection(name);
    },
    counts: () => ({ ...link.counts, changesHeard: entries.changesHeard, leases: leases.counts }),
    async close() {
      leases.stop();
      entries.flush();
      await link.close();
    },
  };
}
