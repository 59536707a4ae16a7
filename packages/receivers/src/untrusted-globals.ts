import type { Secret, TlsConfig } from "@narthex/config";
import type { ReceiverGlobals } from "./global-section.ts";
import { withoutCredentials } from "./http/http-integration.ts";

/**
 * Returns the settings without passwords, keys, tokens and secret URLs. For receivers of less trusted origin that send
 * to an address of their own.
 */
export const globalsWithoutCredentials = (globals: ReceiverGlobals): ReceiverGlobals => ({
  ...globals,
  ...NO_CREDENTIALS,
  httpConfig: {
    ...withoutCredentials(globals.httpConfig),
    httpHeaders: new Map(),
    tls: withoutClientCertificate(globals.httpConfig.tls),
  },
  smtpTlsConfig: withoutClientCertificate(globals.smtpTlsConfig),
});

const withoutClientCertificate = (tls: TlsConfig): TlsConfig => ({
  ...tls,
  cert: "",
  certFile: "",
  key: undefined,
  keyFile: "",
});

/** The settings that are secrets or name files with secrets. The compiler requires a line below for each of them. */
type CredentialName = {
  [Name in keyof ReceiverGlobals]: Secret extends ReceiverGlobals[Name]
    ? Name
    : Name extends `${string}File`
      ? Name
      : never;
}[keyof ReceiverGlobals];

const NO_CREDENTIALS = {
  smtpAuthUsername: "",
  smtpAuthPassword: undefined,
  smtpAuthPasswordFile: "",
  smtpAuthSecret: undefined,
  smtpAuthSecretFile: "",
  smtpAuthIdentity: "",
  smtpAuthXoauth2: undefined,
  smtpAuthXoauth2TokenFile: "",
  slackApiUrl: undefined,
  slackApiUrlFile: "",
  slackAppToken: undefined,
  slackAppTokenFile: "",
  opsgenieApiKey: undefined,
  opsgenieApiKeyFile: "",
  wechatApiSecret: undefined,
  wechatApiSecretFile: "",
  victoropsApiKey: undefined,
  victoropsApiKeyFile: "",
  telegramBotToken: undefined,
  telegramBotTokenFile: "",
  rocketchatToken: undefined,
  rocketchatTokenFile: "",
  rocketchatTokenId: undefined,
  rocketchatTokenIdFile: "",
  mattermostWebhookUrl: undefined,
  mattermostWebhookUrlFile: "",
} satisfies Partial<ReceiverGlobals> & Readonly<Record<CredentialName, undefined | "">>;
