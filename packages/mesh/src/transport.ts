import { splitHostPort as split } from "@narthex/model";

/** Maximum number of connections without a greeting, and of TLS handshakes in progress. */
export const MAX_STRANGERS = 64;

/** Functions that receive the events of a connection. */
export interface ConnectionHandlers {
  data(bytes: Uint8Array): void;
  /** Called exactly once, when the connection has ended. `reason` is written as the end of a sentence. */
  closed(reason: string): void;
}

/** An ordered stream of bytes between two instances. */
export interface Connection {
  /** Sets the handlers. Call it once, synchronously after the connection is received. */
  handle(handlers: ConnectionHandlers): void;
  /** Resolves when the operating system has accepted the bytes. Rejects if the connection ends first. */
  write(bytes: Uint8Array): Promise<void>;
  /** Stops reading; resume() continues. */
  pause(): void;
  resume(): void;
  /** Closes the connection after the written data was sent. */
  end(): void;
  /** Closes the connection at once, even if written data was not sent. */
  destroy(): void;
}

/**
 * Thrown if another instance cannot be reached. `refused` is true if its machine answered that no process listens on
 * the port.
 */
export class DialError extends Error {
  override readonly name = "DialError";
  readonly refused: boolean;

  constructor(message: string, refused = false) {
    super(message);
    this.refused = refused;
  }
}

/** Connects instances with each other. */
export interface Transport {
  /**
   * Starts to accept connections. Returns the `host` and `port` to which the socket is bound. Rejects with an Error.
   */
  listen(accept: (connection: Connection) => void): Promise<{ readonly host: string; readonly port: number }>;
  /** Connects to `host:port`. Rejects with a DialError. */
  dial(address: string, timeoutMs: number): Promise<Connection>;
  /** Stops listening. */
  close(): Promise<void>;
}

/** Splits `host:port` like Go. An IPv6 address is in brackets. Throws an Error with Go's message. */
export function splitHostPort(address: string): readonly [host: string, port: string] {
  const parts = split(address);
  if ("problem" in parts) throw new Error(parts.problem);
  return [parts.host, parts.port];
}

/** Returns `host:port`. An IPv6 address is put in brackets. */
export const formatHostPort = (host: string, port: number | string): string =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
