import { createHttpClient, describeFailure, type HttpClient } from "@narthex/http";
import type { Clock } from "@narthex/runtime";
import { ErrorCode, LogLevel, WebClient } from "@slack/web-api";
import type { Sender, SenderTools } from "../contract.ts";
import { type AnswerStatus, type Delivery, deliveryFromAnswer, rejected, retry } from "../delivery.ts";
import { timeoutReached } from "../http/http-post.ts";
import { retryAfter } from "../http/retry-after.ts";
import { channelOf, named, secretOf, updateUrl, withMessage } from "./slack-delivery.ts";
import type { SlackConfig } from "./slack-section.ts";

const POST = "chat.postMessage";
const UPDATE = "chat.update";

/** The message that should be replaced is gone, or Slack lets nobody change it any more: it is said anew. */
const GONE: ReadonlySet<string> = new Set(["message_not_found", "cant_update_message", "edit_window_closed"]);

/** Calls chat.postMessage (or chat.update) with an app's token; the library encodes, its own retries are off. */
export async function openApp(config: SlackConfig, tools: SenderTools): Promise<Sender> {
  const client = await createHttpClient(config.httpConfig!);
  return {
    send: (sending) =>
      withMessage(config, sending, async (message) => {
        const token = await secretOf(config.appToken, config.appTokenFile);
        const call = new SlackCall(config, { client, token, tools, signal: sending.signal });
        const delivery = await call.send(message);
        if (!("ts" in message) || !call.isGone) return named(delivery, channelOf(message));
        const { ts: _gone, ...anew } = message;
        return named(await call.send(anew), channelOf(anew));
      }),
    close: () => client.close(),
  };
}

interface CallTools {
  readonly client: HttpClient;
  readonly token: string;
  readonly tools: SenderTools;
  readonly signal: AbortSignal;
}

type Fetch = NonNullable<NonNullable<ConstructorParameters<typeof WebClient>[1]>["fetch"]>;

/** One notification's calls of the Web API. */
class SlackCall {
  /** The last call was refused because its message cannot be replaced. */
  isGone = false;
  readonly #config: SlackConfig;
  readonly #client: HttpClient;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #api: WebClient;
  #url = "";
  /** What came back, if it was no success. */
  #answer: AnswerStatus | undefined;

  constructor(config: SlackConfig, { client, token, tools, signal }: CallTools) {
    this.#config = config;
    this.#client = client;
    this.#clock = tools.clock;
    this.#signal = signal;
    this.#api = new WebClient(token, {
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      logLevel: LogLevel.ERROR,
      logger: SILENT,
      headers: { "User-Agent": tools.userAgent },
      timeout: config.timeoutMs,
      fetch: (url, init) => this.#fetch(url, init),
    });
  }

  async send(message: Readonly<Record<string, unknown>>): Promise<Delivery> {
    const { appUrl, updateMessage } = this.#config;
    const isUpdate = "ts" in message;
    this.#url = isUpdate ? updateUrl(appUrl) : appUrl;
    try {
      const said = await this.#api.apiCall(isUpdate ? UPDATE : POST, { ...message });
      const { ts, channel } = said as { ts?: string; channel?: string };
      if (!updateMessage || !ts || !channel) return { kind: "sent" };
      return { kind: "sent", data: { threadTs: ts, channelId: channel } };
    } catch (error) {
      return this.#explain(error);
    }
  }

  #explain(error: unknown): Delivery {
    const { code, data, original } = error as {
      code?: ErrorCode;
      data?: { error?: string };
      original?: unknown;
    };
    if (this.#answer !== undefined) return deliveryFromAnswer(this.#answer);
    if (code === ErrorCode.PlatformError) {
      const word = data?.error ?? "unknown";
      // Something between us and Slack answers as an incoming webhook does; upstream takes that, too.
      if (word === "ok") return { kind: "sent" };
      this.isGone = GONE.has(word);
      return rejected(`error response from Slack: ${word}`, "clientError");
    }
    if (!this.#signal.aborted && (original as Error | undefined)?.name === "TimeoutError") {
      const reason = timeoutReached("slack", this.#config.timeoutMs);
      return retry(`Post "<redacted>": ${reason}`, "contextDeadlineExceeded");
    }
    const failure = this.#signal.aborted ? "contextDeadlineExceeded" : "other";
    return retry(describeFailure("POST", "<redacted>", original ?? error), failure);
  }

  /** The library's fetch over our client: its proxy, TLS and headers count for Slack as for every receiver. */
  async #fetch(_url: Parameters<Fetch>[0], init: Parameters<Fetch>[1]): ReturnType<Fetch> {
    const signals = [this.#signal, ...(init?.signal ? [init.signal] : [])];
    const response = await this.#client.request(this.#url, {
      method: "POST",
      ...(init?.headers === undefined ? {} : { headers: init.headers }),
      ...(typeof init?.body === "string" ? { body: init.body } : {}),
      signal: AbortSignal.any(signals),
    });
    const bytes = Buffer.from(await response.body.arrayBuffer());
    const status = response.statusCode;
    const ok = status >= 200 && status < 300;
    const retryAfterMs = retryAfter(response.headers["retry-after"], this.#clock.now());
    this.#answer = ok ? undefined : { status, body: bytes.toString(), retryAfterMs };
    const headers = new Headers();
    for (const [name, value] of Object.entries(response.headers)) headers.set(name, String(value));
    return {
      ok,
      status,
      statusText: "",
      url: this.#url,
      headers,
      arrayBuffer: async () => new Uint8Array(bytes).buffer,
      json: async () => JSON.parse(bytes.toString()) as unknown,
      text: async () => bytes.toString(),
    };
  }
}

/** The outcome says all; the library need not write to the console. */
const SILENT = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => LogLevel.ERROR,
  setName: () => undefined,
};
