import { STATUS_CODES } from "node:http";
import type { RemoteWriteConfig } from "@narthex/config";
import {
  beginningOf,
  createHttpClient,
  type DialCounts,
  describeFailure,
  type HttpClient,
  roundRobinLookup,
  type Signer,
} from "@narthex/http";
import type { Clock, Logger } from "@narthex/runtime";

export type SendOutcome =
  | { readonly kind: "sent"; readonly written: WrittenCounts | undefined }
  /** The request must be sent again. `retryAfterMs` is the waiting time that the receiver requests, otherwise 0. */
  | { readonly kind: "again"; readonly problem: string; readonly retryAfterMs: number }
  | { readonly kind: "refused"; readonly problem: string; readonly written: WrittenCounts | undefined };

/** Numbers of samples, histograms and exemplars that a receiver of remote write 2.0 reports as stored. */
export interface WrittenCounts {
  readonly samples: number;
  readonly histograms: number;
  readonly exemplars: number;
}

export type WriteDestination = Pick<
  RemoteWriteConfig,
  "url" | "remoteTimeoutMs" | "headers" | "httpClient" | "protobufMessage" | "roundRobinDns"
> & { readonly retryOnHttp429: boolean };

export interface WriteClientOptions {
  readonly clock: Clock;
  readonly userAgent: string;
  readonly sign?: Signer | undefined;
  readonly dials?: DialCounts | undefined;
  readonly logger?: Logger | undefined;
}

/** Maximum number of bytes of an error response that are reported. */
const MAX_PROBLEM_BYTES = 1024;

const TYPES = {
  "prometheus.WriteRequest": { type: "application/x-protobuf", version: "0.1.0" },
  "io.prometheus.write.v2.Request": {
    type: "application/x-protobuf;proto=io.prometheus.write.v2.Request",
    version: "2.0.0",
  },
} as const;

export class WriteClient {
  readonly #to: WriteDestination;
  readonly #http: HttpClient;
  readonly #clock: Clock;
  readonly #headers: Readonly<Record<string, string>>;

  private constructor(to: WriteDestination, http: HttpClient, { clock, userAgent }: WriteClientOptions) {
    this.#to = to;
    this.#http = http;
    this.#clock = clock;
    const { type, version } = TYPES[to.protobufMessage];
    this.#headers = {
      ...Object.fromEntries(to.headers),
      "Content-Encoding": "snappy",
      "Content-Type": type,
      "User-Agent": userAgent,
      "X-Prometheus-Remote-Write-Version": version,
    };
  }

  /** Opens a client. Rejects if files of the configuration section cannot be read. */
  static async open(to: WriteDestination, options: WriteClientOptions): Promise<WriteClient> {
    const { clock, sign, dials, logger } = options;
    const http = await createHttpClient(to.httpClient, {
      clock,
      dials,
      logger,
      ...(sign === undefined ? {} : { sign }),
      ...(to.roundRobinDns ? { lookup: roundRobinLookup() } : {}),
    });
    return new WriteClient(to, http, options);
  }

  /**
   * Makes one attempt to send a request.
   * @param attempt number of the attempt, 0 for the first
   */
  async send(body: Uint8Array, attempt: number, signal: AbortSignal): Promise<SendOutcome> {
    const deadline = new AbortController();
    const cancel = this.#clock.after(this.#to.remoteTimeoutMs, () =>
      deadline.abort(new DOMException("context deadline exceeded", "TimeoutError")),
    );
    const headers = attempt === 0 ? this.#headers : { ...this.#headers, "Retry-Attempt": String(attempt) };
    try {
      const answer = await this.#http.request(this.#to.url, {
        method: "POST",
        headers,
        body,
        signal: AbortSignal.any([signal, deadline.signal]),
      });
      return await this.#outcomeOf(answer);
    } catch (error) {
      const problem = describeFailure("POST", this.#to.url, error);
      return { kind: "again", problem: `failed to send request: ${problem}`, retryAfterMs: 0 };
    } finally {
      cancel();
    }
  }

  close(): Promise<void> {
    return this.#http.close();
  }

  async #outcomeOf({ statusCode, headers, body }: HttpAnswer): Promise<SendOutcome> {
    const written = this.#to.protobufMessage === "prometheus.WriteRequest" ? undefined : writtenCounts(headers);
    if (statusCode >= 200 && statusCode < 300) {
      await body.dump();
      return { kind: "sent", written };
    }
    const text = await beginningOf(body, MAX_PROBLEM_BYTES);
    const problem = `server returned HTTP status ${statusCode} ${STATUS_CODES[statusCode] ?? ""}: ${text}`;
    const isWorthIt = statusCode >= 500 || (statusCode === 429 && this.#to.retryOnHttp429);
    if (!isWorthIt) return { kind: "refused", problem, written };
    return { kind: "again", problem, retryAfterMs: retryAfter(headers["retry-after"], this.#clock.now()) };
  }
}

type HttpAnswer = Awaited<ReturnType<HttpClient["request"]>>;

const COUNT_HEADERS = ["samples", "histograms", "exemplars"] as const;

/** Returns the numbers of stored entries from the headers of a response; undefined if these headers are missing. */
function writtenCounts(headers: HttpAnswer["headers"]): WrittenCounts | undefined {
  const texts = COUNT_HEADERS.map((what) => headers[`x-prometheus-remote-write-${what}-written`]);
  if (texts.every((text) => text === undefined)) return undefined;
  const [samples, histograms, exemplars] = texts.map((text) => Number(text ?? 0) || 0);
  return { samples: samples!, histograms: histograms!, exemplars: exemplars! };
}

/**
 * Parses the header Retry-After, which contains seconds or a date. Returns ms; 0 if the header is missing or invalid.
 */
function retryAfter(header: string | readonly string[] | undefined, now: number): number {
  if (typeof header !== "string") return 0;
  const text = header.trim();
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}
