import {
  createHttpClient,
  failureReason,
  type ExchangeClient,
  type HttpClientOptions,
  type HttpRequest,
  type RequestFields,
  retryAfter,
} from "@narthex/http";
import type { HttpClientConfig } from "@narthex/config";
import { formatGoDuration } from "@narthex/model";
import type { Clock, Logger } from "@narthex/runtime";
import { retry, type Delivery } from "@narthex/notification";
import type { Attempt } from "../attempt.ts";

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly contentType: string;
  /** Delay in ms that a response with status 429 requests in its header Retry-After. Undefined for other statuses. */
  readonly retryAfterMs: number | undefined;
}

/** Outcome of a request to which the service did not respond. Another attempt may succeed. */
export type NoResponse = Extract<Delivery, { kind: "retry" }>;

export interface PostOptions {
  readonly attempt: Attempt;
  /** HTTP method. Default: POST. */
  readonly method?: "GET" | "POST" | "PUT";
  readonly headers?: Readonly<Record<string, string>>;
  /** Time limit of the request, ms. With 0, only the signal limits it. */
  readonly timeoutMs?: number;
  /** Maximum number of bytes that are read from the body of the response. Default: 64 KiB. */
  readonly maxAnswer?: number;
  /** Name of the service in the timeout message, such as `slack`. */
  readonly service?: string;
}

/** User-Agent for two of Alertmanager's receivers (jira, telegram), whose libraries do not set it. */
export const PLAIN_CLIENT = "Go-http-client/1.1";

interface PosterTools {
  readonly clock: Clock;
  readonly userAgent: string;
  readonly logger?: Logger | undefined;
}

/** Default maximum number of bytes that are read from the body of a response. */
const MAX_ANSWER = 64 * 1024;

export class HttpPoster {
  readonly #client: ExchangeClient;
  readonly #clock: Clock;
  readonly #userAgent: string;
  /** Lower-case names of headers whose values are secret: headers with values from files, and the AWS session token. */
  readonly #secretFields: ReadonlySet<string>;

  private constructor(client: ExchangeClient, config: HttpClientConfig, { clock, userAgent }: PosterTools) {
    this.#client = client;
    const read = [...config.httpHeaders].filter(([, { files }]) => files.length > 0);
    // Treats the AWS session token as secret, because AWS repeats all signed headers when it refuses the signature.
    this.#secretFields = new Set([...read.map(([name]) => name.toLowerCase()), "x-amz-security-token"]);
    this.#clock = clock;
    this.#userAgent = userAgent;
  }

  /**
   * Opens the HTTP client of an integration.
   * @param client options beyond the configuration, such as a signer
   */
  static async open(config: HttpClientConfig, tools: PosterTools, client: HttpClientOptions = {}): Promise<HttpPoster> {
    const { clock, logger } = tools;
    return new HttpPoster(await createHttpClient(config, { clock, logger, ...client }), config, tools);
  }

  /**
   * Sends `body`, or a request without a body if it is undefined. The content type is JSON unless the headers set
   * another. Returns a Delivery if there is no response; its message contains no URL, because URLs may contain secrets.
   */
  async post(url: string, body: string | Uint8Array | undefined, options: PostOptions): Promise<Answer | NoResponse> {
    const { attempt, timeoutMs = 0, method = "POST" } = options;
    const rest = attempt.remainingPauseMs(url);
    if (rest > 0) {
      return {
        ...retry("the pause that the service requested has not ended", "rateLimited"),
        retryAfterMs: rest,
        unsent: true,
      };
    }
    attempt.redaction.hideUrl(url);
    const verb = `${method[0]}${method.slice(1).toLowerCase()}`;
    const timer = timeoutMs === 0 ? undefined : new AbortController();
    const cancel = timer && this.#clock.after(timeoutMs, () => timer.abort(new Error("timed out")));
    try {
      const request = {
        method,
        headers: {
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          "user-agent": this.#userAgent,
          ...options.headers,
        },
        signal: timer === undefined ? attempt.signal : AbortSignal.any([attempt.signal, timer.signal]),
        onFields: (fields: RequestFields) => this.#hide(fields, attempt),
      };
      if (body instanceof Uint8Array) return await this.#sendBytes(url, { ...request, body }, options);
      const response = await this.#client.exchange(new URL(url).href, {
        ...request,
        // Never repeats the request, because the service may have processed it even if it answers with a redirect.
        once: true,
        ...(body === undefined ? {} : { body, bodyHoldsSecret: attempt.redaction.isIn(body) }),
      });
      const answer = await readBody(response.body, options.maxAnswer ?? MAX_ANSWER);
      const { status, contentType = "", retryAfter: pauseField } = response.head;
      const pause = status === 429 ? retryAfter(pauseField, this.#clock.now()) : undefined;
      return { status, body: answer, contentType, retryAfterMs: pause };
    } catch (error) {
      if (timer?.signal.aborted)
        return retry(
          `${verb} "<redacted>": ${timeoutReached(options.service ?? "", timeoutMs)}`,
          "contextDeadlineExceeded",
        );
      if (attempt.signal.aborted)
        return retry(`${verb} "<redacted>": context deadline exceeded`, "contextDeadlineExceeded");
      return retry(`${verb} "<redacted>": ${failureReason(error)}`);
    } finally {
      cancel?.();
    }
  }

  /** Sends bytes, such as a picture. */
  async #sendBytes(url: string, request: HttpRequest, { maxAnswer = MAX_ANSWER }: PostOptions): Promise<Answer> {
    // A redirect that would send the body to another host fails.
    const response = await this.#client.request(new URL(url).href, { ...request, bodyHoldsSecret: true });
    const { statusCode: status, headers } = response;
    const contentType = headers["content-type"];
    return {
      status,
      body: await readBody(response.body, maxAnswer),
      contentType: typeof contentType === "string" ? contentType : "",
      retryAfterMs: status === 429 ? retryAfter(headers["retry-after"], this.#clock.now()) : undefined,
    };
  }

  #hide(fields: RequestFields, { redaction }: Attempt): void {
    for (const [name, value] of Object.entries(fields)) {
      const values = typeof value === "string" ? [value] : value;
      if (name.toLowerCase() === "authorization") for (const one of values) redaction.hideAuthorization(one);
      else if (this.#secretFields.has(name.toLowerCase())) for (const one of values) redaction.hide(one);
    }
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}

/** Returns Alertmanager's message for a timeout, such as `configured slack timeout reached (5s)`. */
const timeoutReached = (service: string, timeoutMs: number): string =>
  `configured ${service}${service === "" ? "" : " "}timeout reached (${formatGoDuration(timeoutMs)})`;

export const isDelivery = (outcome: Answer | NoResponse): outcome is NoResponse => "kind" in outcome;

/**
 * Returns the text of a response body up to `limit` bytes. If the connection is cut, returns the part that was
 * received.
 */
export async function readBody(body: AsyncIterable<Uint8Array>, limit: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk.subarray(0, limit - size));
      size += chunk.length;
      if (size >= limit) break;
    }
  } catch {
    // Ignores the error: the body was cut off, and the received part is used.
  }
  return Buffer.concat(chunks).toString();
}
