import { splitHostPort as split } from "@narthex/model";

/** The maximum number of unidentified connections, and of TLS handshakes under way. */
export const MAX_STRANGERS = 64;

/** What a connection tells its owner. */
export interface ConnectionHandlers {
  data(bytes: Uint8Array): void;
  /** Once, however it ended; the reason is a sentence's end. */
  closed(reason: string): void;
}

/** An ordered stream of bytes between two instances. */
export interface Connection {
  /** Names who is told of what arrives; once, in the turn in which the connection was handed out. */
  handle(handlers: ConnectionHandlers): void;
  /** Resolves when the bytes have left this process; rejects when the connection ends first. */
  write(bytes: Uint8Array): Promise<void>;
  /** Stops and resumes reading. */
  pause(): void;
  resume(): void;
  /** Closes after what was written has left. */
  end(): void;
  /** Closes at once. */
  destroy(): void;
}

/** Could not reach another instance; `refused` when its machine says that no one listens there. */
export class DialError extends Error {
  override readonly name = "DialError";
  readonly refused: boolean;

  constructor(message: string, refused = false) {
    super(message);
    this.refused = refused;
  }
}

/** How instances reach each other. */
export interface Transport {
  /** Starts to take connections; the `host` and `port` that it is bound to. Rejects with an Error. */
  listen(accept: (connection: Connection) => void): Promise<{ readonly host: string; readonly port: number }>;
  /** Connects to `host:port`. Rejects with a DialError. */
  dial(address: string, timeoutMs: number): Promise<Connection>;
  /** Stops to listen. */
  close(): Promise<void>;
}

/** Splits `host:port` as Go does, IPv6 in brackets. Throws an Error in Go's words. */
export function splitHostPort(address: string): readonly [host: string, port: string] {
  const parts = split(address);
  if ("problem" in parts) throw new Error(parts.problem);
  return [parts.host, parts.port];
}

/** `host:port`, IPv6 in brackets. */
export const formatHostPort = (host: string, port: number | string): string =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
