import { createHttpClient, describeFailure, type HttpClient } from "@narthex/http";
import type { HttpClientConfig } from "@narthex/config";
import type { Clock } from "@narthex/runtime";
import { type Delivery, retry } from "./delivery.ts";

/** An answer of a notified service. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly contentType: string;
}

/** Largest part of an answer that is read, in UTF-16 units. */
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

  static async open(config: HttpClientConfig, tools: { clock: Clock; userAgent: string }): Promise<HttpPoster> {
    return new HttpPoster(await createHttpClient(config), tools.clock, tools.userAgent);
  }

  /** Posts and reads the answer; a Delivery when there is none. `secret` keeps the URL out of messages. */
  async post(
    url: string,
    body: string,
    options: {
      readonly signal: AbortSignal;
      readonly headers?: Readonly<Record<string, string>>;
      /** 0 = as long as the signal allows. */
      readonly timeoutMs?: number;
    },
  ): Promise<Answer | Delivery> {
    const { timeoutMs = 0 } = options;
    const timer = new AbortController();
    const cancel =
      timeoutMs === 0 ? undefined : this.#clock.after(timeoutMs, () => timer.abort(new Error("timed out")));
    try {
      const response = await this.#client.request(url, {
        method: "POST",
        headers: { "content-type": "application/json", "user-agent": this.#userAgent, ...options.headers },
        body,
        signal: AbortSignal.any([options.signal, timer.signal]),
      });
      const answer = (await response.body.text()).slice(0, MAX_ANSWER);
      const contentType = String(response.headers["content-type"] ?? "");
      return { status: response.statusCode, body: answer, contentType };
    } catch (error) {
      const late = timer.signal.aborted;
      if (late)
        return retry(`Post "<redacted>": configured timeout reached (${timeoutMs}ms)`, "contextDeadlineExceeded");
      if (options.signal.aborted)
        return retry(`Post "<redacted>": context deadline exceeded`, "contextDeadlineExceeded");
      return retry(describeFailure("POST", "<redacted>", error));
    } finally {
      cancel?.();
    }
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}

/** Did post() end without an answer? */
export const isDelivery = (outcome: Answer | Delivery): outcome is Delivery => "kind" in outcome;
