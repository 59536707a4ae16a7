import type { HttpClientConfig, TlsConfig } from "@narthex/config";

export interface WebAnswer {
  readonly status: number;
  readonly contentType: string | undefined;
  /** Time of the answer by the server's clock, epoch ms. NaN if the server sends no date. */
  readonly date: number;
  readonly body: Uint8Array;
  /** Whether the body was longer than `maxBytes`. In this case only the first `maxBytes` bytes were read. */
  readonly isCut: boolean;
  /** Time from the start of the request, including the connection, until the last byte was read, ms. */
  readonly tookMs: number;
}

/** Error for a host that cannot be reached. The message is the reason, with the same wording as in logs. */
export class ReachError extends Error {
  override readonly name = "ReachError";
  /** Advice for the user: how to make the host reachable. */
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
  /** Maximum size of the body in bytes. Longer bodies are cut. */
  readonly maxBytes: number;
}

export interface Connection {
  readonly host: string;
  readonly port: number;
  readonly tls: TlsConfig | undefined;
}

/** Access to other machines. The requests change nothing there. */
export interface Network {
  get(url: string, options: GetOptions): Promise<WebAnswer>;
  /** Connects, makes the TLS handshake if needed, and disconnects. Throws ReachError. */
  connect(to: Connection, timeoutMs: number): Promise<void>;
}
