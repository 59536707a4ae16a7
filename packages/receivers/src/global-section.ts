import {
  defaultHttpClient,
  field,
  flag,
  type HttpClientConfig,
  httpClientSection,
  INVALID,
  millis,
  type OAuth2Config,
  oauth2Section,
  optional,
  type FieldPositions,
  type Report,
  type Secret,
  secret,
  section,
  type Section,
  text,
  type TlsConfig,
  tlsSection,
} from "@narthex/config";
import { mailTls, smarthost } from "./email/mail-server.ts";
import { secretUrl, webUrl } from "./http/web-url.ts";
import { conflictingSecretSources } from "./secret-source.ts";

/** Settings of the section `global`, which are the defaults of receivers. A text that is not set is "". */
export interface ReceiverGlobals {
  readonly resolveTimeoutMs: number;
  readonly httpConfig: HttpClientConfig;
  readonly jiraApiUrl: string;
  readonly smtpFrom: string;
  readonly smtpHello: string;
  readonly smtpSmarthost: string;
  readonly smtpAuthUsername: string;
  readonly smtpAuthPassword: Secret | undefined;
  readonly smtpAuthPasswordFile: string;
  readonly smtpAuthSecret: Secret | undefined;
  readonly smtpAuthSecretFile: string;
  readonly smtpAuthIdentity: string;
  /** Service that issues access tokens for the mail login method XOAUTH2. */
  readonly smtpAuthXoauth2: OAuth2Config | undefined;
  readonly smtpAuthXoauth2TokenFile: string;
  readonly smtpRequireTls: boolean;
  readonly smtpTlsConfig: TlsConfig;
  readonly smtpForceImplicitTls: boolean | undefined;
  readonly slackApiUrl: Secret | undefined;
  readonly slackApiUrlFile: string;
  readonly slackAppToken: Secret | undefined;
  readonly slackAppTokenFile: string;
  readonly slackAppUrl: string;
  readonly pagerdutyUrl: string;
  readonly opsgenieApiUrl: string;
  readonly opsgenieApiKey: Secret | undefined;
  readonly opsgenieApiKeyFile: string;
  readonly wechatApiUrl: string;
  readonly wechatApiSecret: Secret | undefined;
  readonly wechatApiSecretFile: string;
  readonly wechatApiCorpId: string;
  readonly victoropsApiUrl: string;
  readonly victoropsApiKey: Secret | undefined;
  readonly victoropsApiKeyFile: string;
  readonly telegramApiUrl: string;
  readonly telegramBotToken: Secret | undefined;
  readonly telegramBotTokenFile: string;
  readonly webexApiUrl: string;
  readonly rocketchatApiUrl: string;
  readonly rocketchatToken: Secret | undefined;
  readonly rocketchatTokenFile: string;
  readonly rocketchatTokenId: Secret | undefined;
  readonly rocketchatTokenIdFile: string;
  readonly mattermostWebhookUrl: Secret | undefined;
  readonly mattermostWebhookUrlFile: string;
}

/**
 * Settings that exclude each other: a value, and the file that contains the value. The third item is the name of the
 * value in errors.
 */
const PAIRS: readonly (readonly [keyof ReceiverGlobals, keyof ReceiverGlobals, string])[] = [
  ["slackAppToken", "slackAppTokenFile", "slack_app_token"],
  ["slackApiUrl", "slackApiUrlFile", "slack_api_url"],
  ["opsgenieApiKey", "opsgenieApiKeyFile", "opsgenie_api_key"],
  ["victoropsApiKey", "victoropsApiKeyFile", "victorops_api_key"],
  ["telegramBotToken", "telegramBotTokenFile", "telegram_bot_token"],
  ["smtpAuthPassword", "smtpAuthPasswordFile", "smtp_auth_password"],
  ["smtpAuthSecret", "smtpAuthSecretFile", "smtp_auth_secret"],
  ["smtpAuthXoauth2", "smtpAuthXoauth2TokenFile", "smtp_auth_xoauth2"],
  ["rocketchatToken", "rocketchatTokenFile", "rocketchat_token"],
  ["rocketchatTokenId", "rocketchatTokenIdFile", "rocketchat_token_id"],
  ["wechatApiSecret", "wechatApiSecretFile", "wechat_api_secret"],
  ["mattermostWebhookUrl", "mattermostWebhookUrlFile", "mattermost_webhook_url"],
];

const isSet = (value: unknown): boolean => value !== undefined && value !== "";

/** Codec of `global`. */
export const globalSection: Section<ReceiverGlobals> = section<ReceiverGlobals>(
  "config.plain",
  {
    resolveTimeoutMs: field("resolve_timeout", millis, 300_000, true),
    httpConfig: field("http_config", httpClientSection({ enableHttp2: true }), defaultHttpClient, true),
    jiraApiUrl: field("jira_api_url", webUrl, ""),
    smtpFrom: field("smtp_from", text, ""),
    smtpHello: field("smtp_hello", text, "localhost", true),
    smtpSmarthost: field("smtp_smarthost", smarthost, ""),
    smtpAuthUsername: field("smtp_auth_username", text, ""),
    smtpAuthPassword: optional("smtp_auth_password", secret),
    smtpAuthPasswordFile: field("smtp_auth_password_file", text, ""),
    smtpAuthSecret: optional("smtp_auth_secret", secret),
    smtpAuthSecretFile: field("smtp_auth_secret_file", text, ""),
    smtpAuthIdentity: field("smtp_auth_identity", text, ""),
    smtpAuthXoauth2: optional("smtp_auth_xoauth2", oauth2Section),
    smtpAuthXoauth2TokenFile: field("smtp_auth_xoauth2_token_file", text, ""),
    smtpRequireTls: field("smtp_require_tls", flag, true, true),
    smtpTlsConfig: field("smtp_tls_config", mailTls, tlsSection.empty()),
    smtpForceImplicitTls: optional("smtp_force_implicit_tls", flag),
    slackApiUrl: optional("slack_api_url", secretUrl),
    slackApiUrlFile: field("slack_api_url_file", text, ""),
    slackAppToken: optional("slack_app_token", secret),
    slackAppTokenFile: field("slack_app_token_file", text, ""),
    slackAppUrl: field("slack_app_url", webUrl, "https://slack.com/api/chat.postMessage"),
    pagerdutyUrl: field("pagerduty_url", webUrl, "https://events.pagerduty.com/v2/enqueue"),
    opsgenieApiUrl: field("opsgenie_api_url", webUrl, "https://api.opsgenie.com/"),
    opsgenieApiKey: optional("opsgenie_api_key", secret),
    opsgenieApiKeyFile: field("opsgenie_api_key_file", text, ""),
    wechatApiUrl: field("wechat_api_url", webUrl, "https://qyapi.weixin.qq.com/cgi-bin/"),
    wechatApiSecret: optional("wechat_api_secret", secret),
    wechatApiSecretFile: field("wechat_api_secret_file", text, ""),
    wechatApiCorpId: field("wechat_api_corp_id", text, ""),
    victoropsApiUrl: field(
      "victorops_api_url",
      webUrl,
      "https://alert.victorops.com/integrations/generic/20131114/alert/",
    ),
    victoropsApiKey: optional("victorops_api_key", secret),
    victoropsApiKeyFile: field("victorops_api_key_file", text, ""),
    telegramApiUrl: field("telegram_api_url", webUrl, "https://api.telegram.org"),
    telegramBotToken: optional("telegram_bot_token", secret),
    telegramBotTokenFile: field("telegram_bot_token_file", text, ""),
    webexApiUrl: field("webex_api_url", webUrl, "https://webexapis.com/v1/messages"),
    rocketchatApiUrl: field("rocketchat_api_url", webUrl, "https://open.rocket.chat/"),
    rocketchatToken: optional("rocketchat_token", secret),
    rocketchatTokenFile: field("rocketchat_token_file", text, ""),
    rocketchatTokenId: optional("rocketchat_token_id", secret),
    rocketchatTokenIdFile: field("rocketchat_token_id_file", text, ""),
    mattermostWebhookUrl: optional("mattermost_webhook_url", secretUrl),
    mattermostWebhookUrlFile: field("mattermost_webhook_url_file", text, ""),
  },
  checkGlobals,
);

function checkGlobals(
  value: ReceiverGlobals,
  at: FieldPositions<ReceiverGlobals>,
  report: Report,
): ReceiverGlobals | typeof INVALID {
  let sound = true;
  for (const [inline, file, name] of PAIRS) {
    if (!isSet(value[inline]) || !isSet(value[file])) continue;
    report(at[file], "two-sources", conflictingSecretSources(name), "keep one of the two");
    sound = false;
  }
  const token = isSet(value.slackAppToken) || isSet(value.slackAppTokenFile);
  const address = isSet(value.slackApiUrl) || isSet(value.slackApiUrlFile);
  if (token && address && value.slackApiUrl?.reveal() !== value.slackAppUrl) {
    const message =
      "at most one of slack_app_token/slack_app_token_file & slack_api_url/slack_api_url_file must be configured";
    report(at.slackApiUrl, "two-sources", message, "keep the token or the URL");
    sound = false;
  }
  return sound ? value : INVALID;
}
