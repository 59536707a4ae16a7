import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { type Secret, type TlsConfig, tlsSection } from "@narthex/config";
import { certificateProblem, clientTlsOptions, createHttpClient, OAuth2Tokens, readProblem } from "@narthex/http";
import type { Clock } from "@narthex/runtime";
import { defineReceiver, type Sender, type SenderTools, type Sending } from "../contract.ts";
import { type Delivery, rejected, retry } from "../delivery.ts";
import { composeMail, type Mail, MailFault } from "./email-message.ts";
import { type EmailConfig, emailSection, resolveEmail } from "./email-section.ts";
import { readSecret } from "../secret-source.ts";
import { splitAddress } from "./smarthost.ts";
import { sendMail, type SmtpSettings } from "./smtp.ts";
import { SmtpError } from "./smtp-connection.ts";

/** Port on which TLS begins with the connection. */
const IMPLICIT_TLS_PORT = 465;

/** Mail over SMTP, with STARTTLS unless the configuration says otherwise. */
export const email = defineReceiver<EmailConfig>({
  key: "email_configs",
  kind: "email",
  section: emailSection,
  resolve: resolveEmail,
  open: async (config, tools) => openEmail(config, tools),
});

function openEmail(config: EmailConfig, tools: SenderTools): Sender {
  const settings = settingsOf(config, tools);
  return {
    send: (sending) => send(config, settings, tools, sending),
    close: async () => undefined,
  };
}

async function send(
  config: EmailConfig,
  settings: SmtpSettings,
  { clock, hostname }: SenderTools,
  { notice, render, signal }: Sending,
): Promise<Delivery> {
  let mail: Mail;
  try {
    mail = await composeMail(config, { notice, render, now: clock.now(), hostname });
  } catch (error) {
    if (error instanceof MailFault) return rejected(error.message);
    throw error;
  }
  try {
    await Promise.race([sendMail(settings, mail, clock, signal), aborted(signal)]);
    return { kind: "sent" };
  } catch (error) {
    if (error instanceof TlsFileError) return rejected(error.message);
    if (!(error instanceof SmtpError)) throw error;
    return retry(error.message, signal.aborted ? "contextDeadlineExceeded" : "other");
  }
}

/** Rejects when the flush is over, whatever the sending waits for: a token server has no deadline of its own. */
function aborted(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  const end = (): void => reject(new SmtpError("context deadline exceeded"));
  if (signal.aborted) end();
  else signal.addEventListener("abort", end, { once: true });
  return promise;
}

/** A certificate or key that cannot be used as it is. */
class TlsFileError extends Error {
  override readonly name = "TlsFileError";
}

function settingsOf(config: EmailConfig, { clock, userAgent }: SenderTools): SmtpSettings {
  const { host, port } = splitAddress(config.smarthost);
  const { authXoauth2, authXoauth2TokenFile } = config;
  const tokens =
    authXoauth2 === undefined ? undefined : new OAuth2Tokens(authXoauth2, (http) => createHttpClient(http));
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

/** Throws upstream's words where the file cannot be read: whoever writes it may be late. */
async function credential(inline: Secret | undefined, file: string): Promise<string> {
  try {
    return await readSecret(inline, file);
  } catch (error) {
    throw new SmtpError(`could not read ${file}: ${readProblem(file, error)}`, { cause: error });
  }
}

/** Reads the files anew: a renewed certificate counts for the next mail. */
async function tlsOf(tls: TlsConfig, host: string, clock: Clock): Promise<ConnectionOptions> {
  try {
    const options = await clientTlsOptions(tls);
    const name = tls.serverName === "" ? host : tls.serverName;
    return {
      ...options,
      // An address is no name for SNI.
      servername: isIP(name) === 0 ? name : "",
      checkServerIdentity: (_, { raw }) => certificateProblem(trusted(raw), name, clock.now()),
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TlsFileError(`parse TLS configuration: ${reason}`, { cause: error });
  }
}

/** A certificate whose chain is in order: its name and time are left to judge. */
const trusted = (raw: Buffer): Parameters<typeof certificateProblem>[0] => ({
  getPeerX509Certificate: () => new X509Certificate(raw),
  authorized: true,
});
