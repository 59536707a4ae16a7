import { createHttpClient, describeFailure, type HttpClient } from "@narthex/http";
import { ErrorCode, LogLevel, WebClient } from "@slack/web-api";
import { defineReceiver, httpConfigOf, type Sender, type SenderTools, type Sending } from "./contract.ts";
import { type Delivery, deliveryFromAnswer, failureOf, rejected, retry } from "./delivery.ts";
import { type Answer, HttpPoster, isDelivery } from "./http-post.ts";
import { isTemplateFault } from "./renderer.ts";
import { isGiven, readSecret } from "./secret-source.ts";
import { slackBody, slackMessage } from "./slack-message.ts";
import { type SlackConfig, slackSection } from "./slack-section.ts";

const METHOD = "chat.postMessage";

/** Slack: an incoming webhook by its URL, or the Web API with an app's token. */
export const slack = defineReceiver<SlackConfig>({
  key: "slack_configs",
  kind: "slack",
  section: slackSection,
  resolve(config, globals, report) {
    const httpConfig = httpConfigOf(config.httpConfig, globals);
    const appUrl = config.appUrl === "" ? globals.slackAppUrl : config.appUrl;
    if (isGiven(config.apiUrl, config.apiUrlFile) || isGiven(config.appToken, config.appTokenFile)) {
      return { ...config, httpConfig, appUrl };
    }
    const { slackApiUrl, slackApiUrlFile, slackAppToken, slackAppTokenFile } = globals;
    if (isGiven(slackAppToken, slackAppTokenFile)) {
      return { ...config, httpConfig, appUrl, appToken: slackAppToken, appTokenFile: slackAppTokenFile };
    }
    if (isGiven(slackApiUrl, slackApiUrlFile)) {
      return { ...config, httpConfig, appUrl, apiUrl: slackApiUrl, apiUrlFile: slackApiUrlFile };
    }
    const message = "no Slack API URL nor App token set either inline or in a file";
    report(config.place, "slack-url", message, "add api_url here, or slack_api_url under global");
    return undefined;
  },
  open: (config, tools) =>
    isGiven(config.appToken, config.appTokenFile) ? openApp(config, tools) : openWebhook(config, tools),
});

/** Posts to an incoming webhook, as upstream does. */
async function openWebhook(config: SlackConfig, tools: SenderTools): Promise<Sender> {
  const poster = await HttpPoster.open(config.httpConfig!, tools);
  return {
    send: (sending) =>
      withMessage(config, sending, async (message) => {
        const url = await readSecret(config.apiUrl, config.apiUrlFile);
        const answer = await poster.post(url, slackBody(message), { ...config, signal: sending.signal });
        const delivery = isDelivery(answer) ? answer : judge(answer, config.updateMessage);
        return named(delivery, channelOf(message));
      }),
    close: () => poster.close(),
  };
}

const channelOf = ({ channel }: Readonly<Record<string, unknown>>): string =>
  typeof channel === "string" ? channel : "";

/** Upstream names the channel before the reason. */
const named = (delivery: Delivery, channel: string): Delivery =>
  delivery.kind === "sent"
    ? delivery
    : { ...delivery, reason: `channel ${JSON.stringify(channel)}: ${delivery.reason}` };

function judge(answer: Answer, keepId: boolean): Delivery {
  const delivery = deliveryFromAnswer(answer);
  if (delivery.kind !== "sent") return delivery;
  if (!answer.contentType.startsWith("application/json")) {
    if (answer.body.trim() === "ok") return delivery;
    return rejected(`received an error response from Slack: ${answer.body}`, "clientError");
  }
  const { ok, error, ts, channel } = JSON.parse(answer.body) as Record<string, unknown>;
  if (ok !== true) return rejected(`error response from Slack: ${String(error)}`, "clientError");
  return keepId && typeof ts === "string"
    ? { kind: "sent", data: { threadTs: ts, channelId: String(channel) } }
    : delivery;
}

async function withMessage(
  config: SlackConfig,
  sending: Sending,
  send: (message: Record<string, unknown>) => Promise<Delivery>,
): Promise<Delivery> {
  let message: Record<string, unknown>;
  try {
    message = slackMessage(config, sending.render, updateOf(config, sending));
  } catch (error) {
    if (isTemplateFault(error)) return rejected(error.message);
    throw error;
  }
  return send(message);
}

/** The message to replace: the one of the last delivery, unless the group starts anew. */
function updateOf(
  { updateMessage }: SlackConfig,
  { data, notice }: Sending,
): { channel: string; ts: string } | undefined {
  const { threadTs, channelId } = data;
  if (!updateMessage || threadTs === undefined || notice.reason === "first notification") return undefined;
  return { ts: threadTs, channel: channelId ?? "" };
}

/** Calls chat.postMessage (or chat.update) with a token; the library's own retries are off. */
async function openApp(config: SlackConfig, tools: SenderTools): Promise<Sender> {
  const client = await createHttpClient(config.httpConfig!);
  return {
    send: (sending) =>
      withMessage(config, sending, async (message) => {
        const token = await readSecret(config.appToken, config.appTokenFile);
        const api = new WebClient(token, {
          slackApiUrl: config.appUrl.replace(/chat\.postMessage$/, ""),
          retryConfig: { retries: 0 },
          rejectRateLimitedCalls: true,
          logLevel: LogLevel.ERROR,
          logger: SILENT,
          headers: { "User-Agent": tools.userAgent },
          timeout: config.timeoutMs,
          fetch: fetchThrough(client, sending.signal),
        });
        return call(api, message, config);
      }),
    close: () => client.close(),
  };
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

async function call(api: WebClient, message: Record<string, unknown>, config: SlackConfig): Promise<Delivery> {
  const channel = channelOf(message);
  const method = "ts" in message ? "chat.update" : METHOD;
  try {
    const { ts, channel: id } = (await api.apiCall(method, message)) as { ts?: string; channel?: string };
    return config.updateMessage && ts !== undefined
      ? { kind: "sent", data: { threadTs: ts, channelId: id ?? channel } }
      : { kind: "sent" };
  } catch (error) {
    return named(explain(error, config.appUrl), channel);
  }
}

function explain(error: unknown, url: string): Delivery {
  const { code, data, statusCode, body, original } = error as {
    code?: ErrorCode;
    data?: { error?: string };
    statusCode?: number;
    body?: unknown;
    original?: unknown;
  };
  if (code === ErrorCode.PlatformError) {
    return rejected(`error response from Slack: ${data?.error ?? "unknown"}`, "clientError");
  }
  if (code === ErrorCode.RateLimitedError) return rejected("unexpected status code 429: rate limited", "rateLimited");
  if (code === ErrorCode.HTTPError && statusCode !== undefined) {
    const text = typeof body === "string" ? body : JSON.stringify(body ?? "");
    const reason = `unexpected status code ${statusCode}: ${text}`;
    return statusCode >= 500 ? retry(reason, "serverError") : rejected(reason, failureOf(statusCode));
  }
  return retry(describeFailure("POST", url, original ?? error));
}

type Fetch = NonNullable<NonNullable<ConstructorParameters<typeof WebClient>[1]>["fetch"]>;

/** The library's fetch over our client: its proxy, TLS and headers count for Slack as for every receiver. */
function fetchThrough(client: HttpClient, signal: AbortSignal): Fetch {
  return async (url, init) => {
    const response = await client.request(String(url), {
      method: (init?.method ?? "POST") as "POST",
      ...(init?.headers === undefined ? {} : { headers: init.headers }),
      ...(typeof init?.body === "string" ? { body: init.body } : {}),
      signal,
    });
    const bytes = Buffer.from(await response.body.arrayBuffer());
    const headers = new Headers();
    for (const [name, value] of Object.entries(response.headers)) headers.set(name, String(value));
    return {
      ok: response.statusCode >= 200 && response.statusCode < 300,
      status: response.statusCode,
      statusText: "",
      url: String(url),
      headers,
      arrayBuffer: async () => new Uint8Array(bytes).buffer,
      json: async () => JSON.parse(bytes.toString()) as unknown,
      text: async () => bytes.toString(),
    };
  };
}
