import type { HttpClientConfig, TlsConfig } from "@narthex/config";

/** Answer of a web server. */
export interface WebAnswer {
  readonly status: number;
  readonly contentType: string | undefined;
  /** Time of the answer by the server's own clock, epoch ms; NaN if it sends no date. */
  readonly date: number;
  readonly body: Uint8Array;
  /** Whether the body was longer than the part that was read. */
  readonly isCut: boolean;
  /** Time from the start of the request, including the connection, to the last byte read, ms. */
  readonly tookMs: number;
}

/** A host that cannot be reached. The message is the reason, with the same words as in logs. */
export class ReachError extends Error {
  override readonly name = "ReachError";
  /** Advice for the user. */
  readonly hint: string;

  constructor(message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.hint = hint;
  }
}

export interface GetOptions {
  readonly client: HttpClientConfig;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Number of bytes after which reading ends. */
  readonly maxBytes: number;
}

/** Destination of a connection, and whether it uses TLS. */
export interface Connection {
  readonly host: string;
  readonly port: number;
  readonly tls: TlsConfig | undefined;
}

/** Access to other machines. No request changes anything. */
export interface Network {
  /** Sends a GET request. Throws ReachError. */
  get(url: string, options: GetOptions): Promise<WebAnswer>;
  /** Connects, makes the TLS handshake if needed, and disconnects. Throws ReachError. */
  connect(to: Connection, timeoutMs: number): Promise<void>;
}
