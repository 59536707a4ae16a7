import type { ConnectionOptions } from "node:tls";
import type { Clock } from "@narthex/runtime";
import type { Mail } from "./email-message.ts";
import { chooseMechanism, type Mechanism, type SmtpCredentials } from "./smtp-auth.ts";
import { SmtpError, refusalOf, smtpErrorText } from "./smtp-failure.ts";
import type { Reply } from "./smtp-reply.ts";
import { SmtpSession } from "./smtp-session.ts";

/** Resolved settings of a mail server. */
export interface SmtpSettings extends SmtpCredentials {
  readonly host: string;
  readonly port: number;
  /** Name of this machine for EHLO. */
  readonly hello: string;
  readonly implicitTls: boolean;
  readonly requireTls: boolean;
  /** Reads the TLS files, and returns the TLS options. */
  readonly tls: () => Promise<ConnectionOptions>;
}

/**
 * Sends one mail over its own connection, one command at a time, to all recipients or none. Otherwise a recipient that
 * was accepted before another was refused would get the mail again at each further attempt. Once the server has
 * accepted the message, the mail is sent, whatever the result of QUIT. Throws SmtpError.
 * @param signal ends the attempt as long as the message has not been accepted
 */
export async function sendMail(settings: SmtpSettings, mail: Mail, clock: Clock, signal: AbortSignal): Promise<void> {
  // The session ends with the signal, but the login may wait for a token server, which has no deadline of its own.
  const session = await Promise.race([submit(settings, mail, clock, signal), aborted(signal)]);
  await session.quit(clock);
}

/** The result of a connection to a mail server without a mail. */
export interface MailServerFeatures {
  readonly isSecure: boolean;
  /** True if the server supports logins. If the settings have a login, the server has accepted it. */
  readonly acceptsLogins: boolean;
}

/**
 * Greets the server, logs in if a login is configured, and quits without sending a mail. Throws SmtpError if a step
 * fails.
 */
export async function greetMailServer(
  settings: SmtpSettings,
  clock: Clock,
  signal: AbortSignal,
): Promise<MailServerFeatures> {
  const session = await Promise.race([signIn(settings, clock, signal), aborted(signal)]);
  const features = { isSecure: session.isSecure, acceptsLogins: session.extensions.has("AUTH") };
  await session.quit(clock);
  return features;
}

/** Sends everything up to the message that the server accepts, and returns the open session. */
async function submit(settings: SmtpSettings, mail: Mail, clock: Clock, signal: AbortSignal): Promise<SmtpSession> {
  const session = await signIn(settings, clock, signal);
  try {
    await deliver(session, mail);
    return session;
  } catch (error) {
    await session.quit(clock);
    throw error;
  }
}

/** Does everything before the first mail, including the login, and returns the open session. */
async function signIn(settings: SmtpSettings, clock: Clock, signal: AbortSignal): Promise<SmtpSession> {
  const { host, port, implicitTls, requireTls } = settings;
  const tls = implicitTls || requireTls ? await settings.tls() : {};
  const session = await SmtpSession.open({ ...settings, startTls: requireTls && !implicitTls, tls }, signal);
  try {
    if (session.tlsRefusal !== undefined) throw session.tlsRefusal;
    if (requireTls && !session.isSecure) {
      const address = JSON.stringify(`${host.includes(":") ? `[${host}]` : host}:${port}`);
      throw new SmtpError(`'require_tls' is true (default) but ${address} does not advertise the STARTTLS extension`);
    }
    await login(session, settings);
    return session;
  } catch (error) {
    await session.quit(clock);
    throw error;
  }
}

/** Returns a promise that rejects when the signal aborts. */
function aborted(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  const end = (): void => reject(new SmtpError("context deadline exceeded"));
  if (signal.aborted) end();
  else signal.addEventListener("abort", end, { once: true });
  return promise;
}

/**
 * Returns the reply of a step. Throws SmtpError, whose message begins with the step, if the reply has none of the
 * codes.
 */
async function step(name: string, replied: Promise<Reply>, ...codes: readonly number[]): Promise<Reply> {
  let reply: Reply;
  try {
    reply = await replied;
  } catch (error) {
    throw new SmtpError(`${name}: ${smtpErrorText(error as Error)}`, { cause: error });
  }
  if (codes.includes(reply.code)) return reply;
  throw new SmtpError(`${name}: ${refusalOf(reply).message}`);
}

/** Logs in if the server supports logins and the settings have one. */
async function login(session: SmtpSession, settings: SmtpSettings): Promise<void> {
  const offered = session.extensions.get("AUTH");
  if (offered === undefined) return;
  const mechanism = await chooseMechanism(offered, { host: settings.host, isSecure: session.isSecure }, settings);
  if (mechanism !== undefined) await authenticate(session, mechanism);
}

async function authenticate(session: SmtpSession, { type, name, initial, answer }: Mechanism): Promise<void> {
  const base64 = (text: string): string => Buffer.from(text).toString("base64");
  const first = initial === undefined ? "" : ` ${base64(initial)}`;
  const expected = (replied: Promise<Reply>): Promise<Reply> => step(`${type} auth`, replied, 235, 334);
  try {
    let reply = await expected(session.send(`AUTH ${name}${first}`));
    while (reply.code === 334) {
      const challenge = Buffer.from(reply.lines.join("\n"), "base64").toString();
      reply = await expected(session.send(base64(answer(challenge))));
    }
  } catch (error) {
    // "*" cancels the login. The original also sends it after a refusal.
    await session.send("*").catch(() => undefined);
    throw error;
  }
}

async function deliver(session: SmtpSession, mail: Mail): Promise<void> {
  const body = session.extensions.has("8BITMIME") ? " BODY=8BITMIME" : "";
  const utf8 = session.extensions.has("SMTPUTF8") ? " SMTPUTF8" : "";
  await step("send MAIL command", session.send(`MAIL FROM:<${mail.from}>${body}${utf8}`), 250);
  for (const to of mail.to) await step("send RCPT command", session.send(`RCPT TO:<${to}>`), 250, 251);
  await step("send DATA command", session.send("DATA"), 354);
  await step("delivery failure", session.sendMessage(mail.raw), 250);
}
