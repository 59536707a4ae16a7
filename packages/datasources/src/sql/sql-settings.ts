import type { DataSourceSettings } from "../data-source.ts";
import { numberAt, textAt } from "../json-values.ts";
import { QueryFailure } from "../query-failure.ts";
import type { PoolLimits } from "./session-pool.ts";

/** Maximum number of connections of a source. Further queries wait, so a source never runs more queries at a time. */
const MAX_CONNECTIONS = 32;
const DEFAULT_LIFETIME_S = 14_400;

/**
 * Returns the limits of a source's connections. The settings have Grafana's names; 0 means no limit in the settings.
 */
export function poolLimits({ jsonData }: DataSourceSettings, maxConnections = MAX_CONNECTIONS): PoolLimits {
  const limited = (key: string): number => {
    const given = Math.floor(numberAt(jsonData, key) ?? 0);
    return given > 0 ? Math.min(given, maxConnections) : maxConnections;
  };
  const maxOpen = limited("maxOpenConns");
  const lifetime = numberAt(jsonData, "connMaxLifetime") ?? DEFAULT_LIFETIME_S;
  return {
    maxOpen,
    maxIdle: Math.min(maxOpen, limited("maxIdleConns")),
    maxLifetimeMs: lifetime > 0 ? lifetime * 1000 : Number.POSITIVE_INFINITY,
  };
}

/** Address of a database server: host and port, or the path of a Unix socket. */
export type ServerAddress =
  | { readonly host: string; readonly port: number }
  | { readonly host: ""; readonly port: number; readonly socket: string };

const PORT = /^(.*?)(?::(\d{1,5}))?$/;

/**
 * Returns the address in a source's URL: `host:port`, `[address]:port`, `host`, or a path. Throws QueryFailure for any
 * other text. A path is refused unless a provisioning file defines the source.
 */
export function serverAddress(settings: DataSourceSettings, defaultPort: number): ServerAddress {
  const { name, url } = settings;
  const text = url.trim();
  if (text.startsWith("/")) {
    if (settings.isProvisioned !== true)
      throw new QueryFailure(
        403,
        `data source "${name}" connects to a socket in the file system: define such a source in a provisioning file`,
      );
    return { host: "", port: defaultPort, socket: text };
  }
  const [, host = "", port = String(defaultPort)] =
    text.startsWith("[") || text.split(":").length < 3 ? (PORT.exec(text) ?? []) : ["", text];
  const address = host.replace(/^\[|\]$/g, "");
  if (address === "" || /[/@\s\\?#]/.test(address) || Number(port) === 0 || Number(port) > 65_535)
    throw new QueryFailure(400, `the URL of data source "${name}" is not valid; write host:port`);
  return { host: address, port: Number(port) };
}

export const databaseOf = ({ jsonData, database }: DataSourceSettings): string =>
  textAt(jsonData, "database") || database;
