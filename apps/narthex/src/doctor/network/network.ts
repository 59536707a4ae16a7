import type { HttpClientConfig, TlsConfig } from "@narthex/config";

/** What a server has answered. */
export interface WebAnswer {
  readonly status: number;
  readonly contentType: string | undefined;
  /** When it answered by its own clock, epoch ms; NaN where it does not say. */
  readonly date: number;
  readonly body: Uint8Array;
  /** Was there more than was read? */
  readonly isCut: boolean;
  /** From the first byte asked to the last one read. */
  readonly tookMs: number;
}

/** Somebody who cannot be reached; the message is the reason, in the words that logs have for it. */
export class ReachError extends Error {
  override readonly name = "ReachError";
  /** What mends it. */
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
  /** Bytes after which reading ends. */
  readonly maxBytes: number;
}

/** Where a connection leads, and whether it begins with TLS. */
export interface Connection {
  readonly host: string;
  readonly port: number;
  readonly tls: TlsConfig | undefined;
}

/** What lies beyond this machine. Nothing is sent that changes anything. */
export interface Network {
  /** A GET. Throws ReachError. */
  get(url: string, options: GetOptions): Promise<WebAnswer>;
  /** Connects, shakes hands where it is TLS, and leaves. Throws ReachError. */
  connect(to: Connection, timeoutMs: number): Promise<void>;
}
