import type { Socket } from "node:net";
import type { Connection, ConnectionOptions, SslOptions } from "mysql2";
import type { Clock } from "@narthex/runtime";
import type { Destinations } from "../outgoing/destinations.ts";
import { checkAddress, checkedSocket } from "../sql/checked-socket.ts";
import { guardedRead, ReceivedBytes } from "../sql/received-bytes.ts";
import type { ServerAddress } from "../sql/sql-settings.ts";
import { unlessAborted } from "../sql/sql-session.ts";
import { loginFailure } from "./mysql-failure.ts";
import { MysqlSession } from "./mysql-session.ts";

/** Time in ms after which an attempt to cancel a statement is given up. */
const CANCEL_MS = 5000;

/** Address of a database, and the credentials for the login. */
export interface MysqlTarget {
  readonly address: ServerAddress;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** Name that the server's certificate must contain. */
  readonly serverName: string;
  readonly tls: SslOptions | undefined;
  readonly allowsCleartextPassword: boolean;
  /** Time zone of the session, such as `+02:00`; the server's if it is empty. */
  readonly timeZone: string;
}

interface ConnectOptions {
  readonly clock: Clock;
  readonly destinations: Destinations;
  /** Time limit of a statement in ms, which the server also enforces. */
  readonly timeoutMs: number;
}

/** Opens a session. Rejects with QueryFailure, or with the signal's reason. */
export async function connectMysql(
  target: MysqlTarget,
  options: ConnectOptions,
  signal: AbortSignal,
): Promise<MysqlSession> {
  const { connection, received } = await login(target, options, signal);
  const kill = async (connectionId: number): Promise<void> => {
    const gaveUp = new AbortController();
    const cancel = options.clock.after(CANCEL_MS, () => gaveUp.abort());
    try {
      const other = await login(target, options, gaveUp.signal);
      const none = (): Promise<void> => Promise.resolve();
      const killer = new MysqlSession({ ...other, kill: none, prepare: none });
      await unlessAborted(gaveUp.signal, killer.ask(`KILL QUERY ${Math.floor(connectionId)}`), () => undefined).finally(
        () => killer.destroy(),
      );
    } catch {
      // Ignores the error of a failed cancellation, because the server also ends the statement at its time limit, or
      // when it writes to the closed connection.
    } finally {
      cancel();
    }
  };
  const prepareSession = (prepared: MysqlSession): Promise<void> => prepare(prepared, target, options.timeoutMs);
  const session = new MysqlSession({ connection, received, kill, prepare: prepareSession });
  try {
    await unlessAborted(signal, prepareSession(session), () => undefined);
  } catch (error) {
    session.destroy();
    throw signal.aborted ? error : loginFailure(error);
  }
  return session;
}

interface LoggedIn {
  readonly connection: Connection;
  readonly received: ReceivedBytes;
}

async function login(target: MysqlTarget, { destinations }: ConnectOptions, signal: AbortSignal): Promise<LoggedIn> {
  // Loads the driver on first use, so that a process without a MySQL source does not load it.
  const { default: driver } = await import("mysql2");
  checkAddress(target.address, destinations);
  const stream = (): ReturnType<typeof checkedSocket> => checkedSocket(target.address, destinations).connect(0);
  const connection = driver.createConnection({ ...configOf(target), stream });
  const received = new ReceivedBytes();
  guardReads(connection, received);
  connection.on("error", () => undefined);
  const connected = new Promise<void>((resolve, reject) => {
    connection.connect((error) => (error === null ? resolve() : reject(error)));
  });
  try {
    await unlessAborted(signal, connected, () => connection.destroy());
  } catch (error) {
    connection.destroy();
    throw signal.aborted ? error : loginFailure(error);
  }
  return { connection, received };
}

/** Properties of the driver's connection that are missing in its types. */
interface ReadingConnection {
  readonly stream: Socket;
  packetParser: { execute(bytes: Buffer): void };
}

/** Counts the received bytes, and closes the connection after an error of the driver's parser. */
function guardReads(connection: Connection, received: ReceivedBytes): void {
  const reading = connection as unknown as ReadingConnection;
  const parser = reading.packetParser;
  // Looks up `execute` at each call, because the driver replaces this method of the parser while it reads.
  const read = (bytes: Buffer): void => parser.execute(bytes);
  reading.packetParser = { execute: guardedRead(received, () => reading.stream, read) };
}

/** Sets the session's permissions, its time zone, and the time limit of its statements if the server supports one. */
async function prepare(session: MysqlSession, { timeZone }: MysqlTarget, timeoutMs: number): Promise<void> {
  await session.ask("SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci");
  await session.ask("SET SESSION TRANSACTION READ ONLY");
  if (timeZone !== "") await session.ask("SET time_zone = ?", [timeZone]);
  await session
    .ask(`SET SESSION max_statement_time = ${timeoutMs / 1000}`)
    .catch(() => session.ask(`SET SESSION max_execution_time = ${Math.ceil(timeoutMs)}`))
    .catch(() => undefined);
}

function configOf({
  address,
  database,
  user,
  password,
  serverName,
  tls,
  allowsCleartextPassword,
}: MysqlTarget): ConnectionOptions {
  return {
    host: serverName || address.host || "localhost",
    port: address.port,
    user,
    password,
    ...(database !== "" && { database }),
    ...(tls !== undefined && { ssl: tls }),
    charset: "utf8mb4_unicode_ci",
    connectTimeout: 0,
    multipleStatements: false,
    // Forbids the server to request files of this machine.
    flags: ["-LOCAL_FILES"],
    enableCleartextPlugin: allowsCleartextPassword,
    // Disabled, because the driver would otherwise generate JavaScript code from the names of columns.
    disableEval: true,
    dateStrings: true,
    jsonStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
  };
}
