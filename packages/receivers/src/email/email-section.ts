import {
  type Codec,
  field,
  flag,
  INVALID,
  mapOf,
  type OAuth2Config,
  oauth2Section,
  optional,
  type Report,
  type Secret,
  secret,
  section,
  type Section,
  text,
  type TlsConfig,
} from "@narthex/config";
import { mailTls, smarthost } from "./mail-server.ts";
import type { ReceiverGlobals } from "../global-section.ts";
import type { IntegrationConfig } from "../receiver-kind.ts";
import { isSecretSet, conflictingSecretSources } from "../secret-source.ts";

/** Settings for showing the mails of an alert group as one conversation (thread). */
interface Threading {
  readonly enabled: boolean;
  /** `daily` starts a new conversation each day, `none` keeps a single conversation. */
  readonly byDate: string;
}

/** Settings of one entry of `email_configs`. If a field is undefined or "", the value of `global` is used. */
export interface EmailConfig extends IntegrationConfig {
  readonly to: string;
  readonly from: string;
  readonly hello: string;
  readonly smarthost: string;
  readonly authUsername: string;
  readonly authPassword: Secret | undefined;
  readonly authPasswordFile: string;
  readonly authSecret: Secret | undefined;
  readonly authSecretFile: string;
  readonly authIdentity: string;
  /** Service that issues access tokens for the login method XOAUTH2. Alertmanager does not have this setting. */
  readonly authXoauth2: OAuth2Config | undefined;
  /** Path of a file with an access token that another program updates. */
  readonly authXoauth2TokenFile: string;
  /** Templates for the header fields of the mail, by name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly html: string;
  readonly text: string;
  readonly requireTls: boolean | undefined;
  readonly tlsConfig: TlsConfig | undefined;
  readonly forceImplicitTls: boolean | undefined;
  readonly threading: Threading;
}

type RawEmail = Omit<EmailConfig, "place">;

const threadingSection = section<Threading>("config.plain", {
  enabled: field("enabled", flag, false),
  byDate: field("thread_by_date", text, ""),
});

/** Codec of the key `threading`. Prints the key only if a value differs from its default. */
const threading: Codec<Threading> = { ...threadingSection, isZero: ({ enabled, byDate }) => !enabled && byDate === "" };

/**
 * Returns a mail header name in canonical form: `message-id` becomes `Message-Id`. A name with invalid characters is
 * unchanged.
 */
const canonical = (name: string): string =>
  !/^[\w!#$%&'*+\-.^`|~]+$/.test(name)
    ? name
    : name
        .toLowerCase()
        .split("-")
        .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
        .join("-");

export const emailSection: Section<EmailConfig> = section<RawEmail, EmailConfig>(
  "config.plain",
  {
    sendResolved: field("send_resolved", flag, false, true),
    to: field("to", text, ""),
    from: field("from", text, ""),
    hello: field("hello", text, ""),
    smarthost: field("smarthost", smarthost, ""),
    authUsername: field("auth_username", text, ""),
    authPassword: optional("auth_password", secret),
    authPasswordFile: field("auth_password_file", text, ""),
    authSecret: optional("auth_secret", secret),
    authSecretFile: field("auth_secret_file", text, ""),
    authIdentity: field("auth_identity", text, ""),
    authXoauth2: optional("auth_xoauth2", oauth2Section),
    authXoauth2TokenFile: field("auth_xoauth2_token_file", text, ""),
    headers: field("headers", mapOf(text), new Map()),
    html: field("html", text, '{{ template "email.default.html" . }}'),
    text: field("text", text, ""),
    requireTls: optional("require_tls", flag),
    tlsConfig: optional("tls_config", mailTls),
    forceImplicitTls: optional("force_implicit_tls", flag),
    threading: field("threading", threading, { enabled: false, byDate: "" }),
  },
  (value, at, report) => {
    let sound = true;
    const refuse = (code: string, message: string, hint: string): void => {
      report(at.self, code, message, hint);
      sound = false;
    };
    if (value.to === "") refuse("email-to", "missing to address in email config", "add to");
    if (isSecretSet(value.authPassword, "") && value.authPasswordFile !== "") {
      refuse("two-sources", conflictingSecretSources("auth_password"), "keep one");
    }
    if (isSecretSet(value.authSecret, "") && value.authSecretFile !== "") {
      refuse("two-sources", conflictingSecretSources("auth_secret"), "keep one");
    }
    if (value.authXoauth2 !== undefined && value.authXoauth2TokenFile !== "") {
      refuse("two-sources", "at most one of auth_xoauth2 & auth_xoauth2_token_file must be configured", "keep one");
    }
    const headers = new Map<string, string>();
    for (const [name, template] of value.headers) {
      const key = canonical(name);
      if (headers.has(key))
        refuse("email-header", `duplicate header ${JSON.stringify(key)} in email config`, "keep one");
      headers.set(key, template);
      if (value.threading.enabled && (key === "References" || key === "In-Reply-To")) {
        const message = `conflicting configuration: threading.enabled conflicts with custom ${key} header`;
        refuse("email-header", message, "remove the header, or threading");
      }
    }
    if (value.threading.enabled && !["none", "daily"].includes(value.threading.byDate)) {
      const message = "threading.thread_by_date must be either 'none' or 'daily'";
      refuse("email-threading", message, "add thread_by_date: none, or daily");
    }
    return sound ? { ...value, headers, place: at.self } : INVALID;
  },
);

/**
 * Returns the mail settings, with missing values taken from `global`. Returns undefined after an error was reported.
 */
export function resolveEmail(config: EmailConfig, globals: ReceiverGlobals, report: Report): EmailConfig | undefined {
  const from = config.from || globals.smtpFrom;
  const defaults = [
    ["Subject", '{{ template "email.default.subject" . }}'],
    ["To", config.to],
    ["From", from],
  ] as const;
  const resolved: EmailConfig = {
    ...config,
    from,
    headers: new Map([...defaults, ...config.headers]),
    hello: config.hello || globals.smtpHello,
    smarthost: config.smarthost || globals.smtpSmarthost,
    authUsername: config.authUsername || globals.smtpAuthUsername,
    authIdentity: config.authIdentity || globals.smtpAuthIdentity,
    requireTls: config.requireTls ?? globals.smtpRequireTls,
    tlsConfig: config.tlsConfig ?? globals.smtpTlsConfig,
    forceImplicitTls: config.forceImplicitTls ?? globals.smtpForceImplicitTls,
    ...(isSecretSet(config.authPassword, config.authPasswordFile)
      ? {}
      : { authPassword: globals.smtpAuthPassword, authPasswordFile: globals.smtpAuthPasswordFile }),
    ...(isSecretSet(config.authSecret, config.authSecretFile)
      ? {}
      : { authSecret: globals.smtpAuthSecret, authSecretFile: globals.smtpAuthSecretFile }),
    ...(config.authXoauth2 !== undefined || config.authXoauth2TokenFile !== ""
      ? {}
      : { authXoauth2: globals.smtpAuthXoauth2, authXoauth2TokenFile: globals.smtpAuthXoauth2TokenFile }),
  };
  const missing =
    resolved.smarthost === ""
      ? (["no global SMTP smarthost set", "add smarthost here, or smtp_smarthost under global"] as const)
      : resolved.from === ""
        ? (["no global SMTP from set", "add from here, or smtp_from under global"] as const)
        : undefined;
  if (missing === undefined) return resolved;
  report(config.place, "email-global", missing[0], missing[1]);
  return undefined;
}
