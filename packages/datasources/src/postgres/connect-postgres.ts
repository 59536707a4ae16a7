import type { ClientConfig } from "pg";
import type { ConnectionOptions } from "node:tls";
import type { Clock } from "@narthex/runtime";
import type { Destinations } from "../outgoing/destinations.ts";
import { QueryFailure } from "../query-failure.ts";
import { checkAddress, checkedSocket } from "../sql/checked-socket.ts";
import { ReceivedBytes } from "../sql/received-bytes.ts";
import type { ServerAddress } from "../sql/sql-settings.ts";
import { unlessAborted } from "../sql/sql-session.ts";
import { guardConnection, refuseClearPassword } from "./guard-connection.ts";
import { loginFailure } from "./postgres-failure.ts";
import { PostgresSourceSession } from "./postgres-session.ts";

/** Time in ms after which an attempt to cancel a statement is given up. */
const CANCEL_MS = 5000;

/** Address of a database, and the credentials for the login. */
export interface PostgresTarget {
  readonly address: ServerAddress;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly tls: ConnectionOptions | false;
}

interface ConnectOptions {
  readonly clock: Clock;
  readonly destinations: Destinations;
  /** Time limit of a statement in ms, which the server also enforces. */
  readonly timeoutMs: number;
}

/** Opens a session. Rejects with QueryFailure, or with the signal's reason. */
export async function connectPostgres(
  target: PostgresTarget,
  { clock, destinations, timeoutMs }: ConnectOptions,
  signal: AbortSignal,
): Promise<PostgresSourceSession> {
  // Loads the drivers on first use, so that a process without a PostgreSQL source does not load them.
  const [{ default: driver }, { default: CursorOf }] = await Promise.all([import("pg"), import("pg-cursor")]);
  checkAddress(target.address, destinations);
  const stream = (): ReturnType<typeof checkedSocket> => checkedSocket(target.address, destinations);
  const client = new driver.Client({ ...configOf(target), stream });
  const received = new ReceivedBytes();
  guardConnection(client.connection, received);
  if (!hidesPassword(target)) refuseClearPassword(client.connection);
  client.on("error", () => undefined);
  const destroy = (): void => void client.connection.stream.destroy();
  try {
    await unlessAborted(signal, client.connect(), destroy);
  } catch (error) {
    destroy();
    throw signal.aborted ? error : loginFailure(error);
  }

  /** Sends a cancel request on a separate connection. Resolves when the server has closed this connection. */
  async function cancel(): Promise<void> {
    const { processID, secretKey } = client as unknown as { readonly processID: number; readonly secretKey: number };
    const connection = new driver.Connection({ stream, ssl: target.tls });
    guardConnection(connection, new ReceivedBytes());
    const { promise: hasEnded, resolve } = Promise.withResolvers<void>();
    const giveUp = clock.after(CANCEL_MS, resolve);
    connection.on("error", () => resolve());
    connection.on("end", () => resolve());
    const send = (): void => (connection as unknown as Cancelling).cancel(processID, secretKey);
    connection.once(target.tls === false ? "connect" : "sslconnect", send);
    if (target.tls !== false) connection.once("connect", () => (connection as unknown as Cancelling).requestSsl());
    (connection as unknown as Cancelling).connect(portOf(target), hostOf(target));
    await hasEnded;
    giveUp();
    connection.stream.destroy();
  }

  return new PostgresSourceSession({
    client,
    received,
    newCursor: (sql, values, types) =>
      Object.assign(new CursorOf<(string | null)[]>(sql, [...values], { rowMode: "array", types }), COPY_HANDLERS),
    cancel,
    timeoutMs,
  });
}

const refuseCopy = (): never => {
  throw new QueryFailure(400, "db query error: a data source does not copy tables: write SELECT instead of COPY");
};

/** Methods that the driver calls on a cursor although its cursors do not have them. */
const COPY_HANDLERS = { handleCopyData: refuseCopy, handleCopyInResponse: refuseCopy };

/** Reports whether only the intended server can read the data of the login. */
const hidesPassword = ({ address, tls }: PostgresTarget): boolean =>
  "socket" in address || (tls !== false && tls.rejectUnauthorized === true);

/** Methods of the driver's connection that are missing in its types. */
interface Cancelling {
  connect(port: number | undefined, host: string): void;
  requestSsl(): void;
  cancel(processId: number, secretKey: number): void;
}

const hostOf = ({ address }: PostgresTarget): string => ("socket" in address ? address.socket : address.host);
const portOf = ({ address }: PostgresTarget): number | undefined => ("socket" in address ? undefined : address.port);

/**
 * All settings are given, because the driver would otherwise read missing ones from environment variables and files.
 */
function configOf(target: PostgresTarget): ClientConfig {
  const { database, user, password, tls } = target;
  return {
    host: hostOf(target),
    port: target.address.port,
    user,
    database: database === "" ? user : database,
    password: () => password,
    ssl: tls,
    application_name: "narthex dashboards",
    options: "",
    keepAlive: true,
    connectionTimeoutMillis: 0,
  };
}
