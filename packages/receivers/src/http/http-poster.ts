import {
  createHttpClient,
  failureReason,
  type ExchangeClient,
  type HttpClientOptions,
  type RequestFields,
} from "@narthex/http";
import type { HttpClientConfig } from "@narthex/config";
import { formatGoDuration } from "@narthex/model";
import type { Clock, Logger } from "@narthex/runtime";
import { retry, type Delivery } from "@narthex/notification";
import type { Attempt } from "../attempt.ts";

/** An answer of a notified service. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly contentType: string;
  /** The pause that Retry-After asks for, of a service that limits the rate (429): what another status says of time is no such promise. */
  readonly retryAfterMs: number | undefined;
}

/** The service sent no response: the attempt is worth a retry. */
export type NoResponse = Extract<Delivery, { kind: "retry" }>;

/** How to send one request. */
export interface PostOptions {
  readonly attempt: Attempt;
  /** Default: POST. */
  readonly method?: "GET" | "POST" | "PUT";
  readonly headers?: Readonly<Record<string, string>>;
  /** 0 = as long as the signal allows. */
  readonly timeoutMs?: number;
  /** Reads this much of the answer's body, in bytes; default: 64 KiB. */
  readonly maxAnswer?: number;
  /** What the timeout is called when it is reached: `slack`. */
  readonly service?: string;
}

/** What two of upstream's receivers (jira, telegram) call themselves: the library they use sets no name of its own. */
export const PLAIN_CLIENT = "Go-http-client/1.1";

interface PosterTools {
  readonly clock: Clock;
  readonly userAgent: string;
  readonly logger?: Logger | undefined;
}

/** Largest part of an answer that is read, in bytes, unless a kind needs more. */
const MAX_ANSWER = 64 * 1024;

/** The outgoing client of one integration. */
export class HttpPoster {
  readonly #client: ExchangeClient;
  readonly #clock: Clock;
  readonly #userAgent: string;
  /** Fields whose values come from files or from AWS, lower-case. */
  readonly #secretFields: ReadonlySet<string>;

  private constructor(client: ExchangeClient, config: HttpClientConfig, { clock, userAgent }: PosterTools) {
    this.#client = client;
    const read = [...config.httpHeaders].filter(([, { files }]) => files.length > 0);
    // AWS says all signed fields back if it does not like the signature.
    this.#secretFields = new Set([...read.map(([name]) => name.toLowerCase()), "x-amz-security-token"]);
    this.#clock = clock;
    this.#userAgent = userAgent;
  }

  /** @param client what the connection needs beyond the configuration: a signature, say */
  static async open(config: HttpClientConfig, tools: PosterTools, client: HttpClientOptions = {}): Promise<HttpPoster> {
    const { clock, logger } = tools;
    return new HttpPoster(await createHttpClient(config, { clock, logger, ...client }), config, tools);
  }

  /** Sends a body (undefined for none) as JSON unless headers say otherwise; a Delivery when no answer comes. URLs stay out of messages. */
  async post(url: string, body: string | undefined, options: PostOptions): Promise<Answer | NoResponse> {
    const { attempt, timeoutMs = 0, method = "POST" } = options;
    const rest = attempt.remainingPauseMs(url);
    if (rest > 0) {
      return {
        ...retry("the pause that the service asked for is not over", "rateLimited"),
        retryAfterMs: rest,
        unsent: true,
      };
    }
    attempt.redaction.hideUrl(url);
    const verb = `${method[0]}${method.slice(1).toLowerCase()}`;
    const timer = timeoutMs === 0 ? undefined : new AbortController();
    const cancel = timer && this.#clock.after(timeoutMs, () => timer.abort(new Error("timed out")));
    try {
      const response = await this.#client.exchange(new URL(url).href, {
        method,
        // A service that answers with a redirect may have done what was asked: nothing is sent to it again.
        once: true,
        headers: {
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          "user-agent": this.#userAgent,
          ...options.headers,
        },
        ...(body === undefined ? {} : { body, bodyHoldsSecret: attempt.redaction.isIn(body) }),
        signal: timer === undefined ? attempt.signal : AbortSignal.any([attempt.signal, timer.signal]),
        onFields: (fields) => this.#hide(fields, attempt),
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

/** Upstream's words: `configured slack timeout reached (5s)`. */
export const timeoutReached = (service: string, timeoutMs: number): string =>
  `configured ${service}${service === "" ? "" : " "}timeout reached (${formatGoDuration(timeoutMs)})`;

/** Did post() end without an answer? */
export const isDelivery = (outcome: Answer | NoResponse): outcome is NoResponse => "kind" in outcome;

/** A body's text up to a limit. A body that breaks off ends there: the status has been said, and says enough. */
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
    // What came counts.
  }
  return Buffer.concat(chunks).toString();
}

/** The pause a `Retry-After` asks for, ms: seconds, or a date as HTTP writes it (RFC 9110, 10.2.3); undefined for anything else. */
export function retryAfter(header: string | readonly string[] | undefined, now: number): number | undefined {
  const text = (typeof header === "string" ? header : header?.[0])?.trim() ?? "";
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  if (!/^[A-Z][a-z]{2},? /.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
