import { splitHostPort as split } from "@narthex/model";

/** Maximum number of connections without a greeting, and of TLS handshakes in progress. */
export const MAX_STRANGERS = 64;

export interface ConnectionHandlers {
  data(bytes: Uint8Array): void;
  /** Called exactly once, when the connection has ended. `reason` can be used as the end of a sentence. */
  closed(reason: string): void;
}

/** An ordered stream of bytes between two instances. */
export interface Connection {
  /** Sets the callbacks. Must be called once, synchronously after the connection is received. */
  handle(handlers: ConnectionHandlers): void;
  /** Writes bytes. Resolves when the operating system has accepted them. Rejects if the connection ends first. */
  write(bytes: Uint8Array): Promise<void>;
  /** Stops reading until resume() is called. */
  pause(): void;
  resume(): void;
  /** Closes the connection when all written data was sent. */
  end(): void;
  /** Closes the connection immediately. Written data that was not sent yet is lost. */
  destroy(): void;
}

/**
 * Error if a connection to another instance cannot be opened. `refused` is true if the other machine has answered that
 * the port is closed.
 */
export class DialError extends Error {
  override readonly name = "DialError";
  readonly refused: boolean;

  constructor(message: string, refused = false) {
    super(message);
    this.refused = refused;
  }
}

export interface Transport {
  /** Starts to accept connections. Resolves with the host and port of the socket. Rejects with an Error. */
  listen(accept: (connection: Connection) => void): Promise<{ readonly host: string; readonly port: number }>;
  /** Opens a connection to `host:port`. Rejects with a DialError. */
  dial(address: string, timeoutMs: number): Promise<Connection>;
  /** Stops listening. */
  close(): Promise<void>;
}

/** Splits `host:port` as Go does. An IPv6 address must be in brackets. Throws an Error with Go's message. */
export function splitHostPort(address: string): readonly [host: string, port: string] {
  const parts = split(address);
  if ("problem" in parts) throw new Error(parts.problem);
  return [parts.host, parts.port];
}

/** Returns `host:port`. An IPv6 address is put in brackets. */
export const formatHostPort = (host: string, port: number | string): string =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
