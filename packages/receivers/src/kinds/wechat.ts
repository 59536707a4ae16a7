import {
  field,
  INVALID,
  oneOf,
  optional,
  type FieldPositions,
  type Report,
  type Secret,
  secret,
  section,
  text,
} from "@narthex/config";
import { goJson } from "@narthex/http";
import { DeliveryError, PermanentError, failureOf, rejected, retry, type Delivery } from "@narthex/notification";
import { type Attempt, deliveryOutcome } from "../attempt.ts";
import type { ReceiverGlobals } from "../global-section.ts";
import { extendPath, goQuery, withParameter, withTrailingSlash } from "../http/go-url.ts";
import { httpConfigOf, httpIntegration, type HttpIntegration } from "../http/http-integration.ts";
import { HttpPoster, isDelivery, type Answer } from "../http/http-poster.ts";
import { present } from "../http/json.ts";
import { webUrl } from "../http/web-url.ts";
import { defineReceiver, type IntegrationConfig, type SenderTools } from "../receiver-kind.ts";
import { isSecretSet, secretFrom, conflictingSecretSources } from "../secret-source.ts";

/** Settings of one entry of `wechat_configs`. All texts except the URL are templates. */
export interface WechatConfig extends IntegrationConfig, HttpIntegration {
  readonly apiSecret: Secret | undefined;
  readonly apiSecretFile: string;
  readonly corpId: string;
  readonly message: string;
  /** URL of the API, which ends in a slash. */
  readonly apiUrl: string;
  readonly toUser: string;
  readonly toParty: string;
  readonly toTag: string;
  readonly agentId: string;
  readonly messageType: MessageType;
}

type MessageType = "" | "text" | "markdown";
type RawWechat = Omit<WechatConfig, "place">;

const named = (name: string): string => `{{ template "wechat.default.${name}" . }}`;

const messageType = oneOf<MessageType>(
  ["", "text", "markdown"],
  (found) => `weChat message type ${JSON.stringify(found)} does not match valid options ^(text|markdown)$`,
);

const wechatSection = section<RawWechat, WechatConfig>(
  "config.plain",
  {
    ...httpIntegration(false),
    apiSecret: optional("api_secret", secret),
    apiSecretFile: field("api_secret_file", text, ""),
    corpId: field("corp_id", text, ""),
    message: field("message", text, named("message")),
    apiUrl: field("api_url", webUrl, ""),
    toUser: field("to_user", text, named("to_user")),
    toParty: field("to_party", text, named("to_party")),
    toTag: field("to_tag", text, named("to_tag")),
    agentId: field("agent_id", text, named("agent_id")),
    messageType: field("message_type", messageType, "text"),
  },
  check,
);

function check(value: RawWechat, at: FieldPositions<RawWechat>, report: Report): WechatConfig | typeof INVALID {
  if (isSecretSet(value.apiSecret, "") && value.apiSecretFile !== "") {
    const message = conflictingSecretSources("api_secret");
    report(at.apiSecretFile, "two-sources", message, "keep one of the two");
    return INVALID;
  }
  return { ...value, messageType: value.messageType === "" ? "text" : value.messageType, place: at.self };
}

/** Sends to WeChat Work (WeCom): to users, parties and tags of a corporation. */
export const wechat = defineReceiver<WechatConfig>({
  key: "wechat_configs",
  kind: "wechat",
  section: wechatSection,
  resolve: withGlobals,
  async open(config, tools) {
    const poster = await HttpPoster.open(config.httpConfig!, tools);
    const account = new Account(config, poster, tools);
    return {
      send: (attempt) => deliveryOutcome(() => account.send(attempt), "templating error: "),
      close: () => poster.close(),
    };
  },
});

function withGlobals(config: WechatConfig, globals: ReceiverGlobals, report: Report): WechatConfig | undefined {
  const refuse = (message: string, hint: string): undefined => {
    report(config.place, "wechat-config", message, hint);
  };
  const url = config.apiUrl === "" ? globals.wechatApiUrl : config.apiUrl;
  if (url === "") return refuse("no global Wechat URL set", "add api_url here, or wechat_api_url under global");
  const own = isSecretSet(config.apiSecret, config.apiSecretFile);
  const apiSecret = own ? config.apiSecret : globals.wechatApiSecret;
  const apiSecretFile = own ? config.apiSecretFile : globals.wechatApiSecretFile;
  if (!isSecretSet(apiSecret, apiSecretFile)) {
    const message = "no global Wechat Api Secret set either inline or in a file";
    return refuse(message, "add api_secret here, or wechat_api_secret under global");
  }
  const corpId = config.corpId === "" ? globals.wechatApiCorpId : config.corpId;
  if (corpId === "")
    return refuse("no global Wechat CorpID set", "add corp_id here, or wechat_api_corp_id under global");
  const httpConfig = httpConfigOf(config.httpConfig, globals);
  return { ...config, httpConfig, apiSecret, apiSecretFile, corpId, apiUrl: withTrailingSlash(url) };
}

/** Time in ms for which an access token is used. */
const TOKEN_LIFE_MS = 2 * 60 * 60_000;

/** Error code (`errcode`) of a response that refuses an expired access token. */
const TOKEN_EXPIRED = 42001;

/**
 * Error codes (`errcode`) after which an access token cannot be used any more. Alertmanager drops the token only after
 * the first code. After the other codes, its notifications fail for up to two hours.
 */
const TOKEN_REFUSED: ReadonlySet<number> = new Set([TOKEN_EXPIRED, 40001, 40014]);

/**
 * One account at WeChat, for an application of a corporation. Requests an access token and keeps it as long as it is
 * valid.
 */
class Account {
  readonly #config: WechatConfig;
  readonly #poster: HttpPoster;
  readonly #tools: SenderTools;
  #token: { readonly text: string; readonly at: number } | undefined;

  constructor(config: WechatConfig, poster: HttpPoster, tools: SenderTools) {
    this.#config = config;
    this.#poster = poster;
    this.#tools = tools;
  }

  async send(attempt: Attempt): Promise<Delivery> {
    const token = await this.#currentToken(attempt);
    const url = withParameter(extendPath(this.#config.apiUrl, "message/send"), "access_token", attempt.hide(token));
    const answer = await this.#poster.post(url, `${goJson(messageOf(this.#config, attempt))}\n`, { attempt });
    if (isDelivery(answer)) return answer;
    if (answer.status !== 200) return again(answer);
    const { errcode, errmsg } = parsed(answer, retry);
    if (errcode === 0 || errcode === undefined) return { kind: "sent" };
    if (TOKEN_REFUSED.has(errcode)) this.#token = undefined;
    return errcode === TOKEN_EXPIRED ? retry(errmsg ?? "") : rejected(errmsg ?? "");
  }

  async #currentToken(attempt: Attempt): Promise<string> {
    const kept = this.#token;
    const now = this.#tools.clock.monotonic();
    if (kept !== undefined && now - kept.at <= TOKEN_LIFE_MS) return kept.text;
    const { render } = attempt;
    const { apiSecret, apiSecretFile } = this.#config;
    const corpsecret = attempt.hide(
      render.text(await secretFrom(attempt, [apiSecret, apiSecretFile], "read api_secret_file")),
    );
    const query = goQuery({ corpid: render.text(this.#config.corpId), corpsecret });
    const url = `${extendPath(this.#config.apiUrl, "gettoken").replace(/[?#].*$/s, "")}?${query}`;
    const answer = await this.#poster.post(url, undefined, { attempt, method: "GET" });
    if (isDelivery(answer)) throw new DeliveryError(answer);
    const { access_token: token, errmsg } = parsed(answer, rejected);
    if (token === undefined || token === "") {
      const why = errmsg === undefined || errmsg === "" ? "" : `: ${errmsg}`;
      throw new PermanentError(`invalid APISecret for CorpID: ${this.#config.corpId}${why}`);
    }
    this.#token = { text: token, at: this.#tools.clock.monotonic() };
    return token;
  }
}

function again({ status, retryAfterMs }: Answer): Delivery {
  const delivery = retry(`unexpected status code ${status}`, failureOf(status));
  return retryAfterMs === undefined ? delivery : { ...delivery, retryAfterMs };
}

interface WechatAnswer {
  readonly errcode?: number;
  readonly errmsg?: string;
  readonly access_token?: string;
}

/** Returns the JSON of a response. If it is not JSON, throws DeliveryError with the outcome of `verdict`. */
function parsed({ body }: Answer, verdict: typeof retry | typeof rejected): WechatAnswer {
  try {
    const value = JSON.parse(body) as unknown;
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // Ignores the parser's error, because the error below reports a response that is not JSON.
  }
  throw new DeliveryError(verdict(`the answer is not JSON: ${body}`));
}

function messageOf(config: WechatConfig, { render }: Attempt): object {
  const content = render.text(config.message);
  const markdown = config.messageType === "markdown";
  return {
    text: { content: markdown ? "" : content },
    ...present({
      touser: render.text(config.toUser),
      toparty: render.text(config.toParty),
      totag: render.text(config.toTag),
      agentid: render.text(config.agentId),
    }),
    safe: "0",
    msgtype: config.messageType,
    markdown: { content: markdown ? content : "" },
  };
}
