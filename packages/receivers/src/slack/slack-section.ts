import {
  field,
  flag,
  goDuration,
  type HttpClientConfig,
  httpClientSection,
  INVALID,
  listOf,
  optional,
  type FieldPositions,
  type Report,
  type Secret,
  secret,
  section,
  type Section,
  text,
  url,
} from "@narthex/config";
import { secretUrl } from "../http/web-url.ts";
import type { IntegrationConfig } from "../receiver-kind.ts";
import { isSecretSet, conflictingSecretSources } from "../secret-source.ts";

interface SlackField {
  readonly title: string;
  readonly value: string;
  /** True for a short field. If undefined, `short_fields` is used. */
  readonly short: boolean | undefined;
}

export interface SlackConfirmation {
  readonly text: string;
  readonly title: string;
  readonly okText: string;
  readonly dismissText: string;
}

export interface SlackAction {
  readonly type: string;
  readonly text: string;
  readonly url: string;
  readonly style: string;
  readonly name: string;
  readonly value: string;
  readonly confirm: SlackConfirmation | undefined;
}

/** Settings of one entry of `slack_configs`. Texts are templates. */
export interface SlackConfig extends IntegrationConfig {
  readonly httpConfig: HttpClientConfig | undefined;
  readonly apiUrl: Secret | undefined;
  readonly apiUrlFile: string;
  readonly appToken: Secret | undefined;
  readonly appTokenFile: string;
  readonly appUrl: string;
  readonly channel: string;
  readonly username: string;
  readonly color: string;
  readonly title: string;
  readonly titleLink: string;
  readonly pretext: string;
  readonly text: string;
  readonly messageText: string;
  readonly fields: readonly SlackField[];
  readonly shortFields: boolean;
  readonly footer: string;
  readonly fallback: string;
  readonly callbackId: string;
  readonly iconEmoji: string;
  readonly iconUrl: string;
  readonly imageUrl: string;
  readonly thumbUrl: string;
  readonly linkNames: boolean;
  readonly mrkdwnIn: readonly string[];
  readonly actions: readonly SlackAction[];
  readonly updateMessage: boolean;
  readonly timeoutMs: number;
}

const slackField = section<SlackField>(
  "config.plain",
  { title: field("title", text, ""), value: field("value", text, ""), short: optional("short", flag) },
  (value, at, report) => {
    const missing = value.title === "" ? "title" : value.value === "" ? "value" : undefined;
    if (missing === undefined) return value;
    report(at.self, "slack-field", `missing ${missing} in Slack field configuration`, `add ${missing}`);
    return INVALID;
  },
);

const confirmation = section<SlackConfirmation>(
  "config.plain",
  {
    text: field("text", text, ""),
    title: field("title", text, ""),
    okText: field("ok_text", text, ""),
    dismissText: field("dismiss_text", text, ""),
  },
  (value, at, report) => {
    if (value.text !== "") return value;
    report(at.self, "slack-confirm", "missing text in Slack confirmation configuration", "add text");
    return INVALID;
  },
);

const slackAction = section<SlackAction>(
  "config.plain",
  {
    type: field("type", text, ""),
    text: field("text", text, ""),
    url: field("url", text, ""),
    style: field("style", text, ""),
    name: field("name", text, ""),
    value: field("value", text, ""),
    confirm: optional("confirm", confirmation),
  },
  (value, at, report) => {
    const unnamed = value.url === "" && value.name === "";
    const missing = value.type === "" ? "type" : value.text === "" ? "text" : unnamed ? "name or url" : undefined;
    if (missing !== undefined) {
      report(at.self, "slack-action", `missing ${missing} in Slack action configuration`, `add ${missing}`);
      return INVALID;
    }
    return value.url === "" ? value : { ...value, name: "", value: "", confirm: undefined };
  },
);

type RawSlack = Omit<SlackConfig, "place">;

const named = (name: string): string => `{{ template "slack.default.${name}" . }}`;

export const slackSection: Section<SlackConfig> = section<RawSlack, SlackConfig>(
  "config.plain",
  {
    sendResolved: field("send_resolved", flag, false, true),
    httpConfig: optional("http_config", httpClientSection({ enableHttp2: true })),
    apiUrl: optional("api_url", secretUrl),
    apiUrlFile: field("api_url_file", text, ""),
    appToken: optional("app_token", secret),
    appTokenFile: field("app_token_file", text, ""),
    appUrl: field("app_url", url, ""),
    channel: field("channel", text, ""),
    username: field("username", text, named("username")),
    color: field("color", text, named("color")),
    title: field("title", text, named("title")),
    titleLink: field("title_link", text, named("titlelink")),
    pretext: field("pretext", text, named("pretext")),
    text: field("text", text, named("text")),
    messageText: field("message_text", text, ""),
    fields: field("fields", listOf(slackField), []),
    shortFields: field("short_fields", flag, false, true),
    footer: field("footer", text, named("footer")),
    fallback: field("fallback", text, named("fallback")),
    callbackId: field("callback_id", text, named("callbackid")),
    iconEmoji: field("icon_emoji", text, named("iconemoji")),
    iconUrl: field("icon_url", text, named("iconurl")),
    imageUrl: field("image_url", text, ""),
    thumbUrl: field("thumb_url", text, ""),
    linkNames: field("link_names", flag, false, true),
    mrkdwnIn: field("mrkdwn_in", listOf(text), []),
    actions: field("actions", listOf(slackAction), []),
    updateMessage: field("update_message", flag, false, true),
    timeoutMs: field("timeout", goDuration, 0, true),
  },
  (value, at, report) => (check(value, at, report) ? { ...value, place: at.self } : INVALID),
);

function check(value: RawSlack, at: FieldPositions<RawSlack>, report: Report): boolean {
  const refuse = (message: string, hint: string): boolean => {
    report(at.self, "slack-config", message, hint);
    return false;
  };
  if (isSecretSet(value.apiUrl, "") && value.apiUrlFile !== "") {
    return refuse(conflictingSecretSources("api_url"), "keep one of the two");
  }
  if (isSecretSet(value.appToken, "") && value.appTokenFile !== "") {
    return refuse(conflictingSecretSources("app_token"), "keep one of the two");
  }
  if (isSecretSet(value.apiUrl, value.apiUrlFile) && isSecretSet(value.appToken, value.appTokenFile)) {
    const message = "at most one of api_url/api_url_file & app_token/app_token_file must be configured";
    return refuse(message, "keep the token or the URL");
  }
  return true;
}
