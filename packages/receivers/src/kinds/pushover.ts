import {
  field,
  flag,
  goDurationText,
  type HttpClientConfig,
  httpClientSection,
  INVALID,
  optional,
  type Secret,
  secret,
  section,
  text,
} from "@narthex/config";
import { deliveryFromAnswer } from "@narthex/notification";
import type { Attempt } from "../attempt.ts";
import { goQuery } from "../http/go-url.ts";
import { HttpPoster, isDelivery } from "../http/http-poster.ts";
import { httpConfigOf } from "../http/http-integration.ts";
import { defineReceiver, type IntegrationConfig } from "../receiver-kind.ts";
import { isSecretSet, secretFrom, conflictingSecretSources } from "../secret-source.ts";
import { truncateRunes } from "../templates/truncate.ts";
import { printedMember } from "../printed-section.ts";

const API_URL = "https://api.pushover.net/1/messages.json";

/** Maximum lengths of texts that Pushover accepts, in code points. */
const MAX_TITLE = 250;
const MAX_MESSAGE = 1024;
const MAX_URL = 512;

/** Settings of one entry of `pushover_configs`. Texts, including the keys, are templates. */
export interface PushoverConfig extends IntegrationConfig {
  readonly httpConfig: HttpClientConfig | undefined;
  readonly userKey: Secret | undefined;
  readonly userKeyFile: string;
  readonly token: Secret | undefined;
  readonly tokenFile: string;
  readonly title: string;
  readonly message: string;
  readonly url: string;
  readonly urlTitle: string;
  readonly device: string;
  readonly sound: string;
  readonly priority: string;
  readonly retryMs: number;
  readonly expireMs: number;
  /** Time after which the message is deleted, or 0 to keep it for ever. */
  readonly ttlMs: number;
  readonly html: boolean;
  readonly monospace: boolean;
}

type RawPushover = Omit<PushoverConfig, "place">;

const named = (name: string): string => `{{ template "pushover.default.${name}" . }}`;

const pushoverSection = section<RawPushover, PushoverConfig>(
  "pushover.plain",
  {
    sendResolved: field("send_resolved", flag, true, true),
    httpConfig: optional("http_config", httpClientSection({ enableHttp2: true })),
    userKey: optional("user_key", secret),
    userKeyFile: field("user_key_file", text, ""),
    token: optional("token", secret),
    tokenFile: field("token_file", text, ""),
    title: field("title", text, named("title")),
    message: field("message", text, named("message")),
    url: field("url", text, named("url")),
    urlTitle: field("url_title", text, ""),
    device: field("device", text, ""),
    sound: field("sound", text, ""),
    priority: field("priority", text, '{{ if eq .Status "firing" }}2{{ else }}0{{ end }}'),
    retryMs: field("retry", goDurationText, 60_000),
    expireMs: field("expire", goDurationText, 3_600_000),
    ttlMs: field("ttl", goDurationText, 0),
    html: field("html", flag, false),
    monospace: field("monospace", flag, false),
  },
  (value, at, report) => {
    const problem = problemOf(value);
    if (problem === undefined) return { ...value, place: at.self };
    report(at.self, "pushover", problem, "give user_key and token, each once, and one way to show the text");
    return INVALID;
  },
);

function problemOf(value: RawPushover): string | undefined {
  const secrets = [
    ["user_key", value.userKey, value.userKeyFile],
    ["token", value.token, value.tokenFile],
  ] as const;
  for (const [name, inline, file] of secrets) {
    if (!isSecretSet(inline, file)) return `one of ${name} or ${name}_file must be configured`;
    if (isSecretSet(inline, "") && file !== "") return conflictingSecretSources(name);
  }
  return value.html && value.monospace ? "at most one of monospace & html must be configured" : undefined;
}

/**
 * Sends to Pushover. All parameters, with secrets, are in the query of the URL, so error messages never contain URLs.
 */
export const pushover = defineReceiver<PushoverConfig>({
  key: "pushover_configs",
  kind: "pushover",
  section: pushoverSection,
  rendersHtml: (field, section) => field === "message" && printedMember(section, "html") === true,
  resolve: (config, globals) => ({ ...config, httpConfig: httpConfigOf(config.httpConfig, globals) }),
  async open(config, tools) {
    const poster = await HttpPoster.open(config.httpConfig!, tools);
    return {
      send: async (attempt) => {
        const token = await secretFrom(attempt, [config.token, config.tokenFile], "read token_file");
        const user = await secretFrom(attempt, [config.userKey, config.userKeyFile], "read user_key_file");
        const query = goQuery(parameters(config, attempt, { token, user }));
        const headers = { "content-type": "text/plain" };
        const answer = await poster.post(`${API_URL}?${query}`, undefined, { headers, attempt });
        return isDelivery(answer) ? answer : deliveryFromAnswer(answer);
      },
      close: () => poster.close(),
    };
  },
});

function parameters(
  config: PushoverConfig,
  attempt: Attempt,
  keys: { readonly token: string; readonly user: string },
): Record<string, string> {
  const { render } = attempt;
  const text = (template: string): string => render.text(template);
  const shown = config.html ? render.html(config.message) : text(config.message);
  const ttl = seconds(config.ttlMs);
  return {
    token: attempt.hide(text(keys.token)),
    user: attempt.hide(text(keys.user)),
    title: truncateRunes(text(config.title), MAX_TITLE),
    // Replaces an empty message, because Pushover refuses it.
    message: truncateRunes(shown, MAX_MESSAGE).trim() || "(no details)",
    url: truncateRunes(text(config.url), MAX_URL),
    url_title: text(config.urlTitle),
    priority: text(config.priority),
    retry: String(seconds(config.retryMs)),
    expire: String(seconds(config.expireMs)),
    device: text(config.device),
    sound: text(config.sound),
    ...(ttl > 0 ? { ttl: String(ttl) } : {}),
    ...(config.html ? { html: "1" } : {}),
    ...(config.monospace ? { monospace: "1" } : {}),
  };
}

const seconds = (ms: number): number => Math.trunc(ms / 1000);
