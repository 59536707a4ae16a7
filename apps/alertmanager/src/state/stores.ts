import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Feature } from "@narthex/http";
import { type Host, prepareDataFile, type RoleStart } from "@narthex/runtime";
import {
  type Collection,
  mirroredCollection,
  openPostgres,
  openOwnSqlite,
  type PostgresStore,
  type Store,
  StoreError,
} from "@narthex/store";
import { adoptState } from "./state-adoption.ts";
import { storeMetrics } from "./store-metrics.ts";
import type { flags as flagTable } from "../flags.ts";

/** The stores that contain the Alertmanager's state. */
export interface Stores extends Feature {
  /** Store of silences and the notification log: the shared database if one is configured, otherwise `own`. */
  readonly shared: Store;
  /** Store of the state that belongs only to this instance: a file in --storage.path. */
  readonly own: Store;
  /** The shared database. Undefined if --store.url is not set. */
  readonly database: PostgresStore | undefined;
}

type Role = RoleStart<typeof flagTable>;

/** Opens the stores. Rejects with StoreError or DataPathError. */
export async function openStores(host: Host, { flags, logger }: Role): Promise<Stores> {
  const url = storeUrl(flags, host.env);
  if (url !== undefined && flags["cluster.peer"].length > 0) {
    throw new StoreError(
      "--store.url and --cluster.peer are two ways to share state between instances: remove one of them",
    );
  }
  const file = join(flags["storage.path"], "alertmanager.db");
  prepareDataFile(resolve(host.cwd, file), "--storage.path");
  const own = await openOwnSqlite(resolve(host.cwd, file));
  if (url === undefined) return { name: "store", shared: own, own, database: undefined, stop: () => own.close() };
  try {
    const database = await openPostgres({
      url,
      env: host.env,
      application: "narthex alertmanager",
      clock: host.clock,
      logger,
      random: Math.random,
    });
    const { connected } = database.counts();
    if (connected) logger.info("Silences and notification log are shared", { store: database.printed });
    else
      logger.error("Starting without the store's database: silences are unknown until it is reached", {
        store: database.printed,
      });
    await adoptState({ own, shared: database, place: database.printed, clock: host.clock, logger });
    return {
      name: "store",
      shared: withCopies(database, own),
      own,
      database,
      metrics: [storeMetrics(database)],
      async stop() {
        await database.close();
        await own.close();
      },
    };
  } catch (error) {
    await own.close();
    throw error;
  }
}

/**
 * Collections that are also written to the instance's own file, because sending notifications needs them. The value is
 * true if a change stays in the file even when writing to the database failed.
 */
const COPIED: ReadonlyMap<string, boolean> = new Map([
  ["silences", false],
  ["recurring_silences", false],
  ["acknowledgements", false],
  ["notification_log", true],
]);

/**
 * Returns a store for the collections of the database. The collections in COPIED are also written to the instance's own
 * file, so that the instance can start without the database.
 */
function withCopies(database: PostgresStore, own: Store): Store {
  const collections = new Map<string, Collection>();
  return {
    collection(name, durability) {
      const known = collections.get(name);
      if (known !== undefined) return known;
      const shared = database.collection(name, durability);
      const keepUnwritten = COPIED.get(name);
      const wasReached = (): boolean => database.counts().connects > 0;
      const made =
        keepUnwritten === undefined
          ? shared
          : mirroredCollection(shared, own.collection(name, "process"), { wasReached, keepUnwritten });
      collections.set(name, made);
      return made;
    },
    close: () => database.close(),
  };
}

type UrlFlags = Pick<Role["flags"], "store.url" | "store.url-file">;

/** Returns the URL of the database from the flag, the file or the environment. Throws StoreError. */
export function storeUrl(flags: UrlFlags, env: Host["env"]): string | undefined {
  const file = flags["store.url-file"];
  if (flags["store.url"] !== "" && file !== "") {
    throw new StoreError("--store.url and --store.url-file both set the store of the state: remove one of them");
  }
  if (flags["store.url"] !== "") return flags["store.url"];
  if (file === "") return env["NARTHEX_STORE_URL"] || undefined;
  try {
    const url = readFileSync(file, "utf8").trim();
    if (url !== "") return url;
  } catch (cause) {
    throw new StoreError(`--store.url-file: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  throw new StoreError(`--store.url-file: ${file} is empty`);
}
