import { ErrorCode, LogLevel, WebClient } from "@slack/web-api";
import { deliveryFromAnswer, rejected, retry, type Delivery } from "@narthex/notification";
import type { Attempt } from "../attempt.ts";
import { shareSlackPicture } from "../context/slack-context.ts";
import { HttpPoster, isDelivery, type Answer, type NoResponse } from "../http/http-poster.ts";
import type { Sender, SenderTools } from "../receiver-kind.ts";
import { channelOf, withChannel, updateUrl, withMessage } from "./slack-delivery.ts";
import { secretFrom } from "../secret-source.ts";
import type { SlackConfig } from "./slack-section.ts";

const POST = "chat.postMessage";
const UPDATE = "chat.update";

/** Time limit of each request of an upload if the receiver has no time limit, ms. */
const UPLOAD_MS = 10_000;

/** Maximum size of a response in bytes. Slack repeats the message in it. */
const MAX_ANSWER = 1024 * 1024;

/**
 * Slack's error codes for a message that does not exist or cannot be changed any more. The notification is then posted
 * as a new message.
 */
const GONE: ReadonlySet<string> = new Set(["message_not_found", "cant_update_message", "edit_window_closed"]);

/**
 * Opens a sender that calls Slack's chat.postMessage (or chat.update) with an app's token. Slack's library encodes
 * requests; its retries are off.
 */
export async function openApp(config: SlackConfig, tools: SenderTools): Promise<Sender> {
  const poster = await HttpPoster.open(config.httpConfig!, tools);
  return {
    send: (attempt) =>
      withMessage(config, attempt, async (message) => {
        const token = await secretFrom(attempt, [config.appToken, config.appTokenFile]);
        const call = new SlackCall(config, { poster, token, userAgent: tools.userAgent, attempt });
        const delivery = await call.send(message);
        if (!("ts" in message) || !call.isDeleted) return withChannel(delivery, channelOf(message));
        const { ts: _gone, ...anew } = message;
        return withChannel(await call.send(anew), channelOf(anew));
      }),
    close: () => poster.close(),
  };
}

interface CallTools {
  readonly poster: HttpPoster;
  readonly token: string;
  readonly userAgent: string;
  readonly attempt: Attempt;
}

type Fetch = NonNullable<NonNullable<ConstructorParameters<typeof WebClient>[1]>["fetch"]>;

class SlackCall {
  /** True if the last call failed because the message that it should replace no longer exists or cannot be changed. */
  isDeleted = false;
  readonly #config: SlackConfig;
  readonly #poster: HttpPoster;
  readonly #attempt: Attempt;
  readonly #api: WebClient;
  readonly #token: string;
  #url = "";
  /**
   * The HTTP response, or the lack of one, that made the last call fail. Undefined if Slack's library reports the
   * failure itself.
   */
  #failed: Answer | NoResponse | undefined;

  constructor(config: SlackConfig, { poster, token, userAgent, attempt }: CallTools) {
    this.#config = config;
    this.#poster = poster;
    this.#attempt = attempt;
    this.#token = token;
    this.#api = new WebClient(token, {
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      logLevel: LogLevel.ERROR,
      logger: SILENT,
      headers: { "User-Agent": userAgent },
      fetch: (url, init) => this.#fetch(url, init),
    });
  }

  async send(message: Readonly<Record<string, unknown>>): Promise<Delivery> {
    const { appUrl, updateMessage } = this.#config;
    const isUpdate = "ts" in message;
    this.#url = isUpdate ? updateUrl(appUrl) : appUrl;
    this.#failed = undefined;
    try {
      const said = await this.#api.apiCall(isUpdate ? UPDATE : POST, { ...message });
      const { ts, channel } = said as { ts?: string; channel?: string };
      // An updated message has got its picture before.
      if (!isUpdate && ts && channel) await this.#sharePicture(channel, ts);
      if (!updateMessage || !ts || !channel) return { kind: "sent" };
      return { kind: "sent", data: { threadTs: ts, channelId: channel } };
    } catch (error) {
      return this.#explain(error);
    }
  }

  /** Uploads the picture of the context as a reply to a message. */
  async #sharePicture(channel: string, ts: string): Promise<void> {
    const { timeoutMs } = this.#config;
    const base = this.#url.slice(0, this.#url.lastIndexOf("/"));
    const upload = {
      poster: this.#poster,
      token: this.#token,
      base,
      timeoutMs: timeoutMs === 0 ? UPLOAD_MS : timeoutMs,
    };
    await shareSlackPicture(upload, { channel, ts }, this.#attempt);
  }

  #explain(error: unknown): Delivery {
    const failed = this.#failed;
    if (failed !== undefined) return isDelivery(failed) ? failed : deliveryFromAnswer(failed);
    const { code, data, original } = error as { code?: ErrorCode; data?: { error?: string }; original?: Error };
    if (code === ErrorCode.PlatformError) {
      const word = data?.error ?? "unknown";
      // Counts the answer "ok" as success, as Alertmanager does. A proxy in front of Slack may answer like an incoming
      // webhook.
      if (word === "ok") return { kind: "sent" };
      this.isDeleted = GONE.has(word);
      return rejected(`error response from Slack: ${word}`, "clientError");
    }
    return retry(`could not read Slack's answer: ${(original ?? (error as Error)).message}`);
  }

  /**
   * The fetch function for Slack's library. Uses the HTTP client of this program, so that proxy, TLS and headers apply
   * as for every receiver.
   */
  async #fetch(_url: Parameters<Fetch>[0], init: Parameters<Fetch>[1]): ReturnType<Fetch> {
    const answer = await this.#poster.post(this.#url, typeof init?.body === "string" ? init.body : undefined, {
      attempt: this.#attempt,
      headers: Object.fromEntries(new Headers(init?.headers)),
      timeoutMs: this.#config.timeoutMs,
      service: "slack",
      maxAnswer: MAX_ANSWER,
    });
    if (isDelivery(answer)) {
      this.#failed = answer;
      throw new Error(answer.reason);
    }
    const { status, body, contentType } = answer;
    const ok = status >= 200 && status < 300;
    if (!ok) this.#failed = answer;
    return {
      ok,
      status,
      statusText: "",
      url: this.#url,
      headers: new Headers({ "content-type": contentType }),
      arrayBuffer: async () => new Uint8Array(Buffer.from(body)).buffer,
      json: async () => JSON.parse(body) as unknown,
      text: async () => body,
    };
  }
}

/** A logger for Slack's library that writes nothing, because failures are reported with the outcome. */
const SILENT = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => LogLevel.ERROR,
  setName: () => undefined,
};
