import { tlsSection } from "@narthex/config";
import { defineReceiver, type SenderTools, type Sending } from "./contract.ts";
import { type Delivery, rejected, retry } from "./delivery.ts";
import { AddressError, composeMail, type Mail } from "./email-message.ts";
import { type EmailConfig, emailSection, resolveEmail } from "./email-section.ts";
import { isTemplateFault } from "./renderer.ts";
import { readSecret } from "./secret-source.ts";
import { splitAddress } from "./smarthost.ts";
import { sendMail, SmtpError, type SmtpSettings } from "./smtp.ts";

/** Port on which TLS begins with the connection. */
const IMPLICIT_TLS_PORT = 465;

/** Mail over SMTP, with STARTTLS unless the configuration says otherwise. */
export const email = defineReceiver<EmailConfig>({
  key: "email_configs",
  kind: "email",
  section: emailSection,
  resolve: resolveEmail,
  async open(config, tools) {
    return { send: (sending) => send(config, tools, sending), close: async () => undefined };
  },
});

async function send(config: EmailConfig, { clock, hostname }: SenderTools, sending: Sending): Promise<Delivery> {
  let mail: Mail;
  try {
    mail = await composeMail(config, { ...sending, now: clock.now(), hostname });
  } catch (error) {
    if (isTemplateFault(error) || error instanceof AddressError) return rejected(error.message);
    throw error;
  }
  try {
    await sendMail(await settingsOf(config), mail, sending.signal);
    return { kind: "sent" };
  } catch (error) {
    if (!(error instanceof SmtpError)) throw error;
    return retry(error.message, sending.signal.aborted ? "contextDeadlineExceeded" : "other");
  }
}

async function settingsOf(config: EmailConfig): Promise<SmtpSettings> {
  const { host, port } = splitAddress(config.smarthost);
  return {
    host,
    port,
    hello: config.hello,
    implicitTls: config.forceImplicitTls ?? port === IMPLICIT_TLS_PORT,
    requireTls: config.requireTls ?? true,
    tls: config.tlsConfig ?? tlsSection.empty(),
    username: config.authUsername,
    password: await readSecret(config.authPassword, config.authPasswordFile),
    secret: await readSecret(config.authSecret, config.authSecretFile),
    identity: config.authIdentity,
  };
}
