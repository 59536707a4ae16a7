import { splitHostPort as split } from "@narthex/model";

/** The maximum number of unidentified connections, and of running TLS handshakes. */
export const MAX_STRANGERS = 64;

/** Receives the events of a connection. */
export interface ConnectionHandlers {
  data(bytes: Uint8Array): void;
  /** Called once, however the connection ended; the reason is the end of a sentence. */
  closed(reason: string): void;
}

/** An ordered stream of bytes between two instances. */
export interface Connection {
  /** Sets the handlers. Call once, synchronously after the connection is received. */
  handle(handlers: ConnectionHandlers): void;
  /** Resolves when the bytes were sent by this process. Rejects if the connection ends first. */
  write(bytes: Uint8Array): Promise<void>;
  /** Stops and resumes reading. */
  pause(): void;
  resume(): void;
  /** Closes after written data was sent. */
  end(): void;
  /** Closes at once. */
  destroy(): void;
}

/** Another instance could not be reached; `refused` if its machine answered that nothing listens there. */
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
  /** Starts to accept connections. Returns the bound `host` and `port`. Rejects with an Error. */
  listen(accept: (connection: Connection) => void): Promise<{ readonly host: string; readonly port: number }>;
  /** Connects to `host:port`. Rejects with a DialError. */
  dial(address: string, timeoutMs: number): Promise<Connection>;
  /** Stops listening. */
  close(): Promise<void>;
}

/** Splits `host:port` like Go, with IPv6 in brackets. Throws an Error in Go's words. */
export function splitHostPort(address: string): readonly [host: string, port: string] {
  const parts = split(address);
  if ("problem" in parts) throw new Error(parts.problem);
  return [parts.host, parts.port];
}

/** Returns `host:port`, with IPv6 in brackets. */
export const formatHostPort = (host: string, port: number | string): string =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
