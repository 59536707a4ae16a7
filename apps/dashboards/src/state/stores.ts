import { resolve } from "node:path";
import type { Feature } from "@narthex/http";
import { prepareDataFile } from "@narthex/runtime";
import { type ConditionalStore, openPostgres, openOwnSqlite, StoreError } from "@narthex/store";
import type { Context } from "../context.ts";
import type { Settings } from "../settings/setting-table.ts";

/**
 * The store of the dashboards server's state: a file in `paths.data`, or a PostgreSQL database that instances may
 * share.
 */
export interface Stores extends Feature {
  readonly store: ConditionalStore;
  readonly isShared: boolean;
  /** Reports whether the store can be reached. */
  isHealthy(): Promise<boolean>;
}

/** Name of Grafana's own database file. If it is in the data folder, it is read but never changed. */
export const GRAFANA_FILE = "grafana.db";
const FILE = "narthex.db";

type OpenFile = (path: string) => ConditionalStore | Promise<ConditionalStore>;

/**
 * Opens the stores. Rejects with StoreError or DataPathError.
 * @param open opens the file, by default for this process only
 */
export async function openStores(context: Context, open: OpenFile = openOwnSqlite): Promise<Stores> {
  const store = await openStore(context, open);
  const probe = store.collection("settings");
  return {
    name: "store",
    store,
    isShared: databaseUrl(context.settings) !== undefined,
    isHealthy: () =>
      probe.get("health").then(
        () => true,
        () => false,
      ),
    stop: () => store.close(),
  };
}

async function openStore(
  { host, clock, logger, settings, dataFolder }: Context,
  open: OpenFile,
): Promise<ConditionalStore> {
  const url = databaseUrl(settings);
  if (url === undefined) {
    const given = settings["database.path"];
    const file = resolve(dataFolder, given === "" || given.endsWith(GRAFANA_FILE) ? FILE : given);
    prepareDataFile(file, "database.path");
    logger.info("State is kept in a file", { file });
    return open(file);
  }
  const database = await openPostgres({
    url,
    env: host.env,
    application: "narthex dashboards",
    clock,
    logger,
    random: Math.random,
  });
  if (database.counts().connected) {
    logger.info("State is kept in a database", { store: database.printed });
    return database;
  }
  await database.close();
  throw new StoreError(`${database.printed} cannot be reached; check the keys of [database]`);
}

/** Returns the URL of the PostgreSQL database. Undefined if the state is in a file. Throws StoreError. */
export function databaseUrl(settings: Settings): string | undefined {
  const url = settings["database.url"];
  const type = url === "" ? settings["database.type"] : url.split(":", 1)[0]!;
  if (type === "mysql") {
    throw new StoreError("database.type: mysql is not supported; use sqlite3 or postgres");
  }
  if (type === "sqlite3") return undefined;
  return url === "" ? urlOfKeys(settings) : withTls(url, settings);
}

function urlOfKeys(settings: Settings): string {
  const host = settings["database.host"];
  const isSocket = host.startsWith("/");
  const made = URL.parse(`postgres://${isSocket ? "localhost" : host}/`);
  if (made === null) throw new StoreError(`database.host: ${JSON.stringify(host)} is neither host:port nor a folder`);
  if (isSocket) made.searchParams.set("host", host);
  made.username = encodeURIComponent(settings["database.user"]);
  made.password = encodeURIComponent(settings["database.password"]);
  made.pathname = `/${encodeURIComponent(settings["database.name"])}`;
  made.searchParams.set("sslmode", settings["database.ssl_mode"]);
  return withTls(made.href, settings);
}

/** URL parameters for PostgreSQL's TLS options, each with the setting that provides its value. */
const TLS_PARAMETERS = [
  ["sslrootcert", "database.ca_cert_path"],
  ["sslcert", "database.client_cert_path"],
  ["sslkey", "database.client_key_path"],
  ["sslservername", "database.server_cert_name"],
] as const;

/** Adds TLS settings to the URL of a database. Parameters that the URL already contains take precedence. */
function withTls(url: string, settings: Settings): string {
  const given = TLS_PARAMETERS.filter(([, key]) => settings[key] !== "");
  const parsed = URL.parse(url);
  // An invalid URL is returned unchanged. The store then refuses it with an error message that does not contain the
  // password.
  if (given.length === 0 || parsed === null) return url;
  const { searchParams } = parsed;
  if (!searchParams.has("sslmode")) searchParams.set("sslmode", settings["database.ssl_mode"]);
  for (const [name, key] of given) if (!searchParams.has(name)) searchParams.set(name, settings[key]);
  return parsed.href;
}
