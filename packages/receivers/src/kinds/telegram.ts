import { readFile } from "node:fs/promises";
import {
  anyValue,
  type Codec,
  field,
  flag,
  type HttpClientConfig,
  httpClientSection,
  integer,
  integer64,
  INVALID,
  optional,
  type Secret,
  secret,
  section,
  text,
} from "@narthex/config";
import { readProblem } from "@narthex/http";
import { jsonString } from "@narthex/template";
import { failureOf, retry, type Delivery } from "@narthex/notification";
import type { Attempt } from "../attempt.ts";
import { sendTelegramPicture, telegramLines } from "../context/telegram-context.ts";
import { HttpPoster, PLAIN_CLIENT, isDelivery, type Answer } from "../http/http-poster.ts";
import { sortedJsonObject } from "../http/json.ts";
import { webUrl } from "../http/web-url.ts";
import { httpConfigOf } from "../http/http-integration.ts";
import { defineReceiver, type IntegrationConfig } from "../receiver-kind.ts";
import { isSecretSet, secretFrom, conflictingSecretSources } from "../secret-source.ts";
import { truncateRunes } from "../templates/truncate.ts";
import { printedMember } from "../printed-section.ts";

/** Maximum length of a message for Telegram, in code points. */
const MAX_MESSAGE = 4096;

/** Text that replaces an HTML message that is too long. Shortening the message might cut through a tag. */
const TOO_LONG = `Alertmanager notification could not be sent: message length exceeds Telegram limits.
			Please check the template used for producing the message content.`;

const PARSE_MODES: readonly string[] = ["", "Markdown", "MarkdownV2", "HTML"];

/** Settings of one entry of `telegram_configs`. */
export interface TelegramConfig extends IntegrationConfig {
  readonly httpConfig: HttpClientConfig | undefined;
  readonly apiUrl: string;
  readonly botToken: Secret | undefined;
  readonly botTokenFile: string;
  /** Number of the chat, or 0 if a file contains it. A bigint for numbers beyond 2^53. */
  readonly chatId: number | bigint;
  readonly chatIdFile: string;
  /** Number of the thread in the chat, or 0 for none. */
  readonly messageThreadId: number;
  /** A template of the message. */
  readonly message: string;
  readonly disableNotifications: boolean;
  readonly parseMode: string;
}

/** Codec of a 64-bit integer that keeps all digits. */
const chatNumber: Codec<number | bigint> = {
  goType: integer64.goType,
  decode(node, context) {
    const exact = anyValue.decode(node, context);
    return typeof exact === "bigint" && BigInt.asIntN(64, exact) === exact ? exact : integer64.decode(node, context);
  },
  whenNull: () => 0,
  encode: (value) => value,
  isZero: (value) => value === 0,
};

type RawTelegram = Omit<TelegramConfig, "place">;

const telegramSection = section<RawTelegram, TelegramConfig>(
  "telegram.plain",
  {
    sendResolved: field("send_resolved", flag, true, true),
    httpConfig: optional("http_config", httpClientSection({ enableHttp2: true })),
    apiUrl: field("api_url", webUrl, "", true),
    botToken: optional("bot_token", secret),
    botTokenFile: field("bot_token_file", text, ""),
    chatId: field("chat_id", chatNumber, 0),
    chatIdFile: field("chat_id_file", text, ""),
    messageThreadId: field("message_thread_id", integer, 0),
    message: field("message", text, '{{ template "telegram.default.message" . }}'),
    disableNotifications: field("disable_notifications", flag, false),
    parseMode: field("parse_mode", text, "HTML"),
  },
  (value, at, report) => {
    const problem = problemOf(value);
    if (problem === undefined) return { ...value, place: at.self };
    report(at.self, "telegram", problem, "give bot_token and chat_id, each once");
    return INVALID;
  },
);

function problemOf(value: RawTelegram): string | undefined {
  if (isSecretSet(value.botToken, "") && value.botTokenFile !== "") {
    return conflictingSecretSources("bot_token");
  }
  if (value.chatId === 0 && value.chatIdFile === "") return "missing chat_id or chat_id_file on telegram_config";
  if (value.chatId !== 0 && value.chatIdFile !== "") {
    return conflictingSecretSources("chat_id");
  }
  if (PARSE_MODES.includes(value.parseMode)) return undefined;
  return "unknown parse_mode on telegram_config, must be Markdown, MarkdownV2, HTML or empty string";
}

/** Sends to a chat as a Telegram bot. The bot's token is part of the URL, so error messages never contain the URL. */
export const telegram = defineReceiver<TelegramConfig>({
  key: "telegram_configs",
  kind: "telegram",
  section: telegramSection,
  showsContext: true,
  rendersHtml: (field, section) => field === "message" && printedMember(section, "parse_mode") === "HTML",
  resolve(config, globals, report) {
    const resolved = {
      ...config,
      httpConfig: httpConfigOf(config.httpConfig, globals),
      apiUrl: config.apiUrl || globals.telegramApiUrl,
    };
    if (isSecretSet(config.botToken, config.botTokenFile)) return resolved;
    const { telegramBotToken: botToken, telegramBotTokenFile: botTokenFile } = globals;
    if (isSecretSet(botToken, botTokenFile)) return { ...resolved, botToken, botTokenFile };
    const message = "missing bot_token or bot_token_file on telegram_config";
    report(config.place, "telegram-token", message, "add bot_token here, or telegram_bot_token under global");
    return undefined;
  },
  async open(config, tools) {
    const poster = await HttpPoster.open(config.httpConfig!, tools);
    return {
      send: async (attempt) => {
        const message = messageOf(config, attempt);
        const token = await secretFrom(
          attempt,
          [config.botToken, config.botTokenFile],
          "could not read the bot's token",
        );
        const chat = await chatOf(config);
        if (typeof chat !== "string") return chat;
        const headers = { "user-agent": PLAIN_CLIENT };
        const url = `${config.apiUrl}/bot${token}/sendMessage`;
        const answer = await poster.post(url, bodyOf(config, chat, message), { headers, attempt });
        const delivery = isDelivery(answer) ? answer : judge(answer);
        if (delivery.kind === "sent") {
          const { messageThreadId: thread } = config;
          await sendTelegramPicture(poster, `${config.apiUrl}/bot${token}/sendPhoto`, { chat, thread }, attempt);
        }
        return delivery;
      },
      close: () => poster.close(),
    };
  },
});

function messageOf(config: TelegramConfig, attempt: Attempt): string {
  const message = plainMessage(config, attempt);
  const { context } = attempt.notification;
  if (context === undefined || message === TOO_LONG) return message;
  const longer = message + telegramLines(context, config.parseMode);
  return truncateRunes(longer, MAX_MESSAGE) === longer ? longer : message;
}

function plainMessage({ message, parseMode }: TelegramConfig, { render }: Attempt): string {
  if (parseMode !== "HTML") return truncateRunes(render.text(message), MAX_MESSAGE);
  const html = render.html(message);
  return truncateRunes(html, MAX_MESSAGE) === html ? html : TOO_LONG;
}

/**
 * Returns the number of the chat from the configuration or its file. A failure to read the file is retried, because the
 * file may be corrected before the next attempt.
 */
async function chatOf({ chatId, chatIdFile }: TelegramConfig): Promise<string | Delivery> {
  if (chatIdFile === "") return String(chatId);
  try {
    const id = (await readFile(chatIdFile, "utf8")).trim();
    if (/^[-+]?\d+$/.test(id)) return String(BigInt(id.replace("+", "")));
    const quoted = JSON.stringify(id);
    return retry(`could not parse chat_id from ${chatIdFile}: strconv.ParseInt: parsing ${quoted}: invalid syntax`);
  } catch (error) {
    return retry(`could not read ${chatIdFile}: ${readProblem(chatIdFile, error)}`);
  }
}

/** Returns the body of a request. Telegram expects every value as a text. */
function bodyOf(config: TelegramConfig, chat: string, message: string): string {
  const members: [string, string][] = [
    ["chat_id", chat],
    ["disable_web_page_preview", "true"],
    ["text", message],
  ];
  if (config.disableNotifications) members.push(["disable_notification", "true"]);
  if (config.messageThreadId !== 0) members.push(["message_thread_id", String(config.messageThreadId)]);
  if (config.parseMode !== "") members.push(["parse_mode", config.parseMode]);
  return `${sortedJsonObject(members.map(([name, value]) => [name, jsonString(value)]))}\n`;
}

interface TelegramAnswer {
  readonly ok?: boolean;
  readonly error_code?: number;
  readonly description?: string;
  /** Number of seconds for which Telegram asks to wait. */
  readonly parameters?: { readonly retry_after?: number };
}

/**
 * Returns the outcome of a request from the JSON of the response, whatever its status. Errors are retried, because
 * their cause may be corrected before the next attempt.
 */
function judge({ status, body, retryAfterMs }: Answer): Delivery {
  const answer = answerOf(body);
  if (answer === undefined) return retry(`unexpected answer of status ${status}: ${body}`, failureOf(status));
  if (answer.ok === true) return { kind: "sent" };
  const { error_code: code = status, description = "", parameters } = answer;
  const retryAfter = parameters?.retry_after;
  const pause = code === 429 && retryAfter !== undefined ? retryAfter * 1000 : retryAfterMs;
  const outcome = retry(`telegram: ${description} (${code})`, failureOf(code));
  return pause === undefined ? outcome : { ...outcome, retryAfterMs: pause };
}

function answerOf(body: string): TelegramAnswer | undefined {
  try {
    const answer: unknown = JSON.parse(body);
    return typeof answer === "object" && answer !== null ? answer : undefined;
  } catch {
    return undefined;
  }
}
