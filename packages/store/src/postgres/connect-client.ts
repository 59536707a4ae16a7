import type { Client, ClientConfig } from "pg";
import type { Clock } from "@narthex/runtime";
import { StoreError } from "../store.ts";
import { passwordFromFile } from "./password-file.ts";
import { prepareSchema } from "./schema.ts";
import { type Target, tlsOptions } from "./target.ts";

const CONNECT_TIMEOUT_MS = 5000;
const START_TIMEOUT_MS = 10_000;

/**
 * Time limits of statements, shorter than the client's. The server notices a client whose connection was cut within 15
 * seconds, and then releases the session's locks.
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

/** A resolved write is durable only if the server's setting is not off. */
const DURABLE =
  "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";

/**
 * SQLSTATE classes and codes for which a retry cannot succeed: wrong login, missing database or schema, missing
 * permission.
 */
const FINAL = /^(?:28|3D000|3F000|42501)/;

/** The database is reachable but refuses access; the message names it. */
export class RefusedError extends StoreError {}

/** An open session of the database with the schema prepared, which listens to the channel. */
export interface ListeningClient {
  readonly client: Client;
  /** Channel on which instances notify each other of their writes. */
  readonly channel: string;
}

/**
 * Opens a session. Throws RefusedError if a retry cannot succeed, otherwise the driver's error.
 *
 * @param application name of the session in pg_stat_activity
 */
export const connectClient = (target: Target, application: string, clock: Clock): Promise<ListeningClient> =>
  withClient({ target, application, connectTimeoutMs: CONNECT_TIMEOUT_MS }, (client) => start(client, clock));

/**
 * Logs in to a database, reads its facts and disconnects, at the latest when `ending` aborts. Throws like
 * connectClient().
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
      const question = "SELECT current_setting('server_version') AS version, pg_is_in_recovery() AS recovering";
      const { rows } = await client.query<Record<string, unknown>>(question);
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

/** Passes an unconnected client to `use`; a second one without TLS if the server does not support TLS. */
async function withClient<T>(
  { target, application, connectTimeoutMs }: ClientOptions,
  use: (client: Client) => Promise<T>,
): Promise<T> {
  // Loaded on first use, so that roles with a state file do not load it.
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

/** Reports the driver's own errors about a missing password or an untrusted server. */
const isLoginFault = (cause: unknown): boolean =>
  cause instanceof Error && /^SASL|does not support SSL|self-signed|certificate/.test(cause.message);

/** Returns the driver's message, with a hint if it has none. */
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
    // A function, because without it the driver would look for a password in other sources.
    password: () => password ?? "",
    keepAlive: true,
    ...(options === undefined ? {} : { options }),
  };
}

async function start(client: Client, clock: Clock): Promise<ListeningClient> {
  // Ignores errors until another listener is added: they also fail the running statement.
  const ignore = (): void => undefined;
  client.on("error", ignore);
  const cancel = clock.after(START_TIMEOUT_MS, () => destroyClient(client));
  try {
    await client.connect();
    const ask = async (text: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]> =>
      (await client.query<Record<string, unknown>>(text, values === undefined ? undefined : [...values])).rows;
    await ask(SETTINGS);
    await ask(DURABLE);
    await prepareSchema(ask);
    const [row] = await ask("SELECT 'narthex_' || 'narthex_entries'::regclass::oid AS channel");
    const channel = String(row!["channel"]);
    await ask(`LISTEN ${channel}`);
    return { client, channel };
  } catch (error) {
    destroyClient(client);
    throw error;
  } finally {
    cancel();
  }
}

/** Closes a session without a message, because the server may not be listening any more. */
export function destroyClient(client: Client): void {
  client.connection.stream.destroy();
}
