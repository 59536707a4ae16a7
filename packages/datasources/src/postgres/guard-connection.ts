import type { Connection } from "pg";
import { QueryFailure } from "../query-failure.ts";
import { guardedRead, type ReceivedBytes } from "../sql/received-bytes.ts";

type OnData = (bytes: Buffer) => void;

interface DataStream {
  readonly destroyed: boolean;
  destroy(error?: Error): unknown;
  on(event: string, listener: OnData): unknown;
}

/** Methods of the driver's connection that are missing in its types. */
interface Attaching {
  attachListeners(stream: DataStream): void;
}

/**
 * Counts the received bytes of a connection, with and without TLS, and closes the connection after an error of the
 * driver's parser. Must be called before the connection is opened.
 */
export function guardConnection(connection: Connection, received: ReceivedBytes): void {
  const attaching = connection as unknown as Attaching;
  const attach = attaching.attachListeners.bind(attaching);
  attaching.attachListeners = (stream) => {
    const on = (event: string, listener: OnData): unknown =>
      stream.on(event, event === "data" ? guardedRead(received, () => stream, listener) : listener);
    attach({ destroyed: false, destroy: () => undefined, on });
  };
}

/** Fails a login that would send the password where others can read it. */
export function refuseClearPassword(connection: Connection): void {
  connection.prependListener("authenticationCleartextPassword", () => {
    throw new QueryFailure(
      502,
      "the data source asks for the password without encryption; set sslmode to verify-ca or verify-full, " +
        "or let the server use scram-sha-256",
    );
  });
}
