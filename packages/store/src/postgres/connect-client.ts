import type { Client, ClientConfig } from "pg";
import type { Clock } from "@narthex/runtime";
import { StoreError } from "../store.ts";
import { passwordFromFile } from "./password-file.ts";
import { prepareSchema } from "./schema.ts";
import { type Target, tlsOptions } from "./target.ts";

const CONNECT_TIMEOUT_MS = 5000;
const START_TIMEOUT_MS = 10_000;

/**
 * Settings of each database session. The server waits for a lock for less time than the client waits for the answer (5
 * s by default). With the keepalive settings, the server notices within 15 seconds that a client is lost, and releases
 * the locks of its session.
 */
const SETTINGS = [
  "statement_timeout = '30s'",
  "lock_timeout = '4s'",
  "idle_in_transaction_session_timeout = '10s'",
  "tcp_keepalives_idle = 5",
  "tcp_keepalives_interval = 3",
  "tcp_keepalives_count = 3",
  "client_min_messages = warning",
]
  .map((setting) => `SET ${setting}`)
  .join("; ");

/** SQL statement that turns on synchronous_commit if it is off. If it were off, a successful write could be lost. */
const DURABLE =
  "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";

/** Matches SQLSTATE codes that make retries pointless: wrong login, missing database or schema, missing permission. */
const FINAL = /^(?:28|3D000|3F000|42501)/;

/** The database can be reached but refuses access. The message contains the reason. */
export class RefusedError extends StoreError {}

/**
 * An open database session whose tables exist. The session listens to the NOTIFY channel on which instances report
 * changes to each other.
 */
export interface ListeningClient {
  readonly client: Client;
  /** NOTIFY channel on which instances report writes to each other. */
  readonly channel: string;
}

/**
 * Opens a database session. Throws RefusedError if a retry cannot succeed, otherwise the driver's error.
 * @param application name of the session in pg_stat_activity
 */
export const connectClient = (target: Target, application: string, clock: Clock): Promise<ListeningClient> =>
  withClient({ target, application, connectTimeoutMs: CONNECT_TIMEOUT_MS }, (client) => start(client, clock));

/**
 * Connects to a database, reads its properties and disconnects. The signal `ending` aborts the connection attempt.
 * Throws the errors of connectClient().
 */
export const visitClient = (
  target: Target,
  application: string,
  ending: AbortSignal,
): Promise<{ readonly version: string; readonly isReadOnly: boolean }> =>
  withClient({ target, application, connectTimeoutMs: 0 }, async (client) => {
    client.on("error", () => undefined);
    const end = (): void => destroyClient(client);
    ending.addEventListener("abort", end);
    try {
      ending.throwIfAborted();
      await client.connect();
      const query = "SELECT current_setting('server_version') AS version, pg_is_in_recovery() AS recovering";
      const { rows } = await client.query<Record<string, unknown>>(query);
      return { version: String(rows[0]!["version"]), isReadOnly: rows[0]!["recovering"] === true };
    } finally {
      ending.removeEventListener("abort", end);
      destroyClient(client);
    }
  });

interface ClientOptions {
  readonly target: Target;
  readonly application: string;
  readonly connectTimeoutMs: number;
}

/**
 * Creates a database client that is not connected, and calls `use` with it. If the server does not support TLS, tries
 * again without TLS.
 */
async function withClient<T>(
  { target, application, connectTimeoutMs }: ClientOptions,
  use: (client: Client) => Promise<T>,
): Promise<T> {
  // The driver is loaded on first use, so that processes with a state file do not load it.
  const { default: driver } = await import("pg");
  const config = { ...configOf(target), application_name: application, connectionTimeoutMillis: connectTimeoutMs };
  try {
    const client = new driver.Client({ ...config, ssl: tlsOptions(target) });
    return await use(client).catch((error: unknown) => {
      const isPlain = error instanceof Error && /does not support SSL/.test(error.message);
      if (target.ssl !== "prefer" || !isPlain) throw error;
      return use(new driver.Client({ ...config, ssl: false }));
    });
  } catch (cause) {
    const code = (cause as { readonly code?: string }).code ?? "";
    if (cause instanceof StoreError || FINAL.test(code) || isLoginFault(cause)) {
      throw new RefusedError(`the store ${target.printed} cannot be used: ${withHint((cause as Error).message)}`, {
        cause,
      });
    }
    throw cause;
  }
}

/** Reports whether an error of the driver is about a missing password or an untrusted server. */
const isLoginFault = (cause: unknown): boolean =>
  cause instanceof Error && /^SASL|does not support SSL|self-signed|certificate/.test(cause.message);

/** Returns an error message of the driver. Adds a hint to known errors. */
function withHint(message: string): string {
  if (/client password must be/.test(message)) {
    return "it wants a password, and there is none in the URL, in PGPASSWORD or in the file PGPASSFILE";
  }
  if (!/self-signed certificate|unable to (?:get|verify)/.test(message)) return message;
  return `${message.split(";")[0]}: name the certificate of the authority that signed it with sslrootcert`;
}

function configOf(target: Target): ClientConfig {
  const { host, port, user, database, options, passwordFile } = target;
  const password = target.password ?? (passwordFile === undefined ? undefined : passwordFromFile(passwordFile, target));
  return {
    host,
    port,
    user,
    database,
    // Passes the password as a function, because the driver would look for an undefined password in other places.
    password: () => password ?? "",
    keepAlive: true,
    ...(options === undefined ? {} : { options }),
  };
}

async function start(client: Client, clock: Clock): Promise<ListeningClient> {
  // Ignores errors of the connection until another listener is added, because the running statement fails with them
  // too.
  const ignore = (): void => undefined;
  client.on("error", ignore);
  const cancel = clock.after(START_TIMEOUT_MS, () => destroyClient(client));
  try {
    await client.connect();
    const query = async (text: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]> =>
      (await client.query<Record<string, unknown>>(text, values === undefined ? undefined : [...values])).rows;
    await query(SETTINGS);
    await query(DURABLE);
    await prepareSchema(query);
    const [row] = await query("SELECT 'narthex_' || 'narthex_entries'::regclass::oid AS channel");
    const channel = String(row!["channel"]);
    await query(`LISTEN ${channel}`);
    return { client, channel };
  } catch (error) {
    destroyClient(client);
    throw error;
  } finally {
    cancel();
  }
}

/** Closes the connection without PostgreSQL's goodbye message, because the server may not respond any more. */
export function destroyClient(client: Client): void {
  client.connection.stream.destroy();
}
