import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { type Secret, type TlsConfig, tlsSection } from "@narthex/config";
import { certificateProblem, clientTlsOptions, createHttpClient, OAuth2Tokens, readProblem } from "@narthex/http";
import type { Clock } from "@narthex/runtime";
import { type Delivery, PermanentError, retry } from "@narthex/notification";
import type { Attempt } from "../attempt.ts";
import { composeMail } from "./email-message.ts";
import { emailSection, resolveEmail, type EmailConfig } from "./email-section.ts";
import { loginKey } from "./login-key.ts";
import { splitAddress } from "./mail-server.ts";
import { SmtpError } from "./smtp-failure.ts";
import { sendMail, type SmtpSettings, greetMailServer } from "./smtp.ts";
import {
  defineReceiver,
  type Sender,
  type SenderTools,
  type HealthCheck,
  HealthCheckError,
  type HealthCheckOptions,
} from "../receiver-kind.ts";
import { readSecret } from "../secret-source.ts";

/** SMTP port on which the connection begins with TLS. */
const IMPLICIT_TLS_PORT = 465;

/** Sends mails over SMTP, with STARTTLS unless the configuration disables it. */
export const email = defineReceiver<EmailConfig>({
  key: "email_configs",
  kind: "email",
  section: emailSection,
  showsContext: true,
  rendersHtml: (field) => field === "html",
  target: ({ to }) => to,
  resolve: resolveEmail,
  open: async (config, tools) => openEmail(config, tools),
  healthCheck: { keyOf: loginKey, run: checkMailServer },
});

/** Connects to the mail server and logs in without sending a mail. Rejects with HealthCheckError if it fails. */
async function checkMailServer(
  config: EmailConfig,
  tools: SenderTools,
  { signal, signsIn }: HealthCheckOptions,
): Promise<HealthCheck> {
  const server = `mail server ${config.smarthost}`;
  const settings = settingsOf(config, tools);
  try {
    const { isSecure, acceptsLogins } = await greetMailServer(
      signsIn ? settings : { ...settings, username: "" },
      tools.clock,
      signal,
    );
    const answers = `${server} answers${isSecure ? " over TLS" : ""}`;
    if (config.authUsername === "") return { what: answers, hint: undefined };
    if (acceptsLogins)
      return { what: `${answers}${signsIn ? ", and accepts the login" : "; no login was tried"}`, hint: undefined };
    return {
      what: `${answers}, but accepts no logins: mails would be sent without the login of smtp_auth_username`,
      hint: isSecure
        ? "use the port that accepts logins (587 or 465) in smarthost, or leave out smtp_auth_username"
        : "smtp_require_tls: true, because most servers accept logins only over TLS",
    };
  } catch (error) {
    if (!(error instanceof SmtpError) && !(error instanceof PermanentError)) throw error;
    throw new HealthCheckError(`${server}: ${error.message}`, { cause: error });
  }
}

function openEmail(config: EmailConfig, tools: SenderTools): Sender {
  const settings = settingsOf(config, tools);
  return {
    send: (attempt) => send(config, settings, tools, attempt),
    close: async () => undefined,
  };
}

async function send(
  config: EmailConfig,
  settings: SmtpSettings,
  { clock, hostname }: SenderTools,
  attempt: Attempt,
): Promise<Delivery> {
  const { notification, render, signal } = attempt;
  const mail = await composeMail(config, { notification, render, now: clock.now(), hostname });
  try {
    await sendMail(hiding(settings, attempt), mail, clock, signal);
    return { kind: "sent" };
  } catch (error) {
    if (!(error instanceof SmtpError)) throw error;
    return retry(error.message, signal.aborted ? "contextDeadlineExceeded" : "other");
  }
}

/** Returns SMTP settings whose secrets are redacted in the attempt's reports from the moment they are read. */
function hiding(settings: SmtpSettings, attempt: Attempt): SmtpSettings {
  const hidden = (read: () => Promise<string>) => async (): Promise<string> => attempt.hide(await read());
  const { password, secret, token } = settings;
  return {
    ...settings,
    password: hidden(password),
    secret: hidden(secret),
    token: token === undefined ? undefined : hidden(token),
  };
}

function settingsOf(config: EmailConfig, { clock, userAgent, logger }: SenderTools): SmtpSettings {
  const { host, port } = splitAddress(config.smarthost);
  const { authXoauth2, authXoauth2TokenFile } = config;
  const tokens =
    authXoauth2 === undefined
      ? undefined
      : new OAuth2Tokens(authXoauth2, (http) => createHttpClient(http, { clock, logger }));
  return {
    host,
    port,
    hello: config.hello,
    implicitTls: config.forceImplicitTls ?? port === IMPLICIT_TLS_PORT,
    requireTls: config.requireTls ?? true,
    tls: () => tlsOf(config.tlsConfig ?? tlsSection.empty(), host, clock),
    username: config.authUsername,
    password: () => credential(config.authPassword, config.authPasswordFile),
    secret: () => credential(config.authSecret, config.authSecretFile),
    identity: config.authIdentity,
    token:
      tokens !== undefined
        ? async () => (await tokens.header(userAgent)).replace(/^\S+ /, "")
        : authXoauth2TokenFile !== ""
          ? () => credential(undefined, authXoauth2TokenFile)
          : undefined,
  };
}

/**
 * Returns a secret of the mail settings, or reads it from its file. Throws SmtpError, which is not final, if the file
 * cannot be read.
 */
async function credential(inline: Secret | undefined, file: string): Promise<string> {
  try {
    return await readSecret(inline, file);
  } catch (error) {
    throw new SmtpError(`could not read ${file}: ${readProblem(file, error)}`, { cause: error });
  }
}

/**
 * Returns the TLS options for a connection to the mail server. Reads the certificate files for each mail, because they
 * may be renewed.
 */
async function tlsOf(tls: TlsConfig, host: string, clock: Clock): Promise<ConnectionOptions> {
  try {
    const options = await clientTlsOptions(tls);
    const name = tls.serverName === "" ? host : tls.serverName;
    return {
      ...options,
      // Sends no server name for an IP address, because the TLS extension SNI allows only host names.
      servername: isIP(name) === 0 ? name : "",
      checkServerIdentity: (_, { raw }) => certificateProblem(trusted(raw), name, clock.now()),
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PermanentError(`parse TLS configuration: ${reason}`);
  }
}

/** Wraps a server certificate for the checks of name and time. Its chain must already be verified. */
const trusted = (raw: Buffer): Parameters<typeof certificateProblem>[0] => ({
  getPeerX509Certificate: () => new X509Certificate(raw),
  authorized: true,
});
