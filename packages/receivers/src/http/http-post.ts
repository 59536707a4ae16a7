import { createHttpClient, describeFailure, type HttpClient, type HttpClientOptions } from "@narthex/http";
import type { HttpClientConfig } from "@narthex/config";
import { formatGoDuration } from "@narthex/model";
import type { Clock } from "@narthex/runtime";
import { readBody } from "./answer-body.ts";
import { type Delivery, retry } from "../delivery.ts";
import { retryAfter } from "./retry-after.ts";

/** An answer of a notified service. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly contentType: string;
  /** The pause that Retry-After asks for. */
  readonly retryAfterMs: number | undefined;
}

/** No answer came: worth another try. */
export type Unanswered = Extract<Delivery, { kind: "retry" }>;

/** How to send one request. */
export interface PostOptions {
  readonly signal: AbortSignal;
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

/** Largest part of an answer that is read, in bytes, unless a kind needs more. */
const MAX_ANSWER = 64 * 1024;

/** The outgoing client of one integration. */
export class HttpPoster {
  readonly #client: HttpClient;
  readonly #clock: Clock;
  readonly #userAgent: string;

  private constructor(client: HttpClient, clock: Clock, userAgent: string) {
    this.#client = client;
    this.#clock = clock;
    this.#userAgent = userAgent;
  }

  /** @param client what the connection needs beyond the configuration: a signature, say */
  static async open(
    config: HttpClientConfig,
    tools: { clock: Clock; userAgent: string },
    client: HttpClientOptions = {},
  ): Promise<HttpPoster> {
    return new HttpPoster(await createHttpClient(config, client), tools.clock, tools.userAgent);
  }

  /** Sends a body (undefined for none) as JSON unless headers say otherwise; a Delivery when no answer comes. URLs stay out of messages. */
  async post(url: string, body: string | undefined, options: PostOptions): Promise<Answer | Unanswered> {
    const { timeoutMs = 0, method = "POST" } = options;
    const verb = `${method[0]}${method.slice(1).toLowerCase()}`;
    const timer = timeoutMs === 0 ? undefined : new AbortController();
    const cancel = timer && this.#clock.after(timeoutMs, () => timer.abort(new Error("timed out")));
    try {
      const response = await this.#client.request(url, {
        method,
        headers: {
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          "user-agent": this.#userAgent,
          ...options.headers,
        },
        ...(body === undefined ? {} : { body }),
        signal: timer === undefined ? options.signal : AbortSignal.any([options.signal, timer.signal]),
      });
      const answer = await readBody(response.body, options.maxAnswer ?? MAX_ANSWER);
      const contentType = String(response.headers["content-type"] ?? "");
      const pause = retryAfter(response.headers["retry-after"], this.#clock.now());
      return { status: response.statusCode, body: answer, contentType, retryAfterMs: pause };
    } catch (error) {
      if (timer?.signal.aborted)
        return retry(
          `${verb} "<redacted>": ${timeoutReached(options.service ?? "", timeoutMs)}`,
          "contextDeadlineExceeded",
        );
      if (options.signal.aborted)
        return retry(`${verb} "<redacted>": context deadline exceeded`, "contextDeadlineExceeded");
      return retry(describeFailure(method, "<redacted>", error));
    } finally {
      cancel?.();
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
export const isDelivery = (outcome: Answer | Unanswered): outcome is Unanswered => "kind" in outcome;
