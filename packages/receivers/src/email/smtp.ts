import type { ConnectionOptions } from "node:tls";
import type { Clock } from "@narthex/runtime";
import type { Mail } from "./email-message.ts";
import { chooseMechanism, type Mechanism, type SmtpCredentials } from "./smtp-auth.ts";
import { SmtpError, refusalOf, smtpErrorText } from "./smtp-failure.ts";
import type { Reply } from "./smtp-reply.ts";
import { SmtpSession } from "./smtp-session.ts";

/** Settings of a mail server, with defaults and values of `global` filled in. */
export interface SmtpSettings extends SmtpCredentials {
  readonly host: string;
  readonly port: number;
  /** Name of this machine for the greeting (EHLO). */
  readonly hello: string;
  readonly implicitTls: boolean;
  readonly requireTls: boolean;
  /** Reads the TLS files, and returns the TLS options. */
  readonly tls: () => Promise<ConnectionOptions>;
}

/**
 * Sends one mail to all recipients or to none, over its own connection. Commands are sent one at a time, because
 * otherwise, if the server refuses one recipient, the other recipients would get the mail again at each attempt. Once
 * the server has accepted the mail, the result of QUIT does not matter. Throws SmtpError.
 * @param signal ends the attempt as long as the mail has not been accepted
 */
export async function sendMail(settings: SmtpSettings, mail: Mail, clock: Clock, signal: AbortSignal): Promise<void> {
  // Stops waiting when the signal aborts, because a login may wait for a token server without a time limit.
  const session = await Promise.race([submit(settings, mail, clock, signal), aborted(signal)]);
  await session.quit(clock);
}

/** Result of a connection to a mail server without sending a mail. */
export interface MailServerFeatures {
  readonly isSecure: boolean;
  /** True if the server supports logins. If a login is configured, it was successful. */
  readonly acceptsLogins: boolean;
}

/**
 * Greets a mail server, logs in if a login is configured, and quits without sending a mail. Throws SmtpError if any of
 * this fails.
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

/** Sends a mail. Returns the open SMTP session after the server has accepted the mail. */
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

/** Connects to a mail server and logs in. Returns the session, in which a mail can be sent. */
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

function aborted(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  const end = (): void => reject(new SmtpError("context deadline exceeded"));
  if (signal.aborted) end();
  else signal.addEventListener("abort", end, { once: true });
  return promise;
}

/**
 * Waits for a mail server's reply. Throws SmtpError, whose message begins with `name`, if the reply's status is not in
 * `codes`.
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

/** Logs in to the mail server, if it supports logins and credentials are configured. */
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
    // Cancels the login with "*". Like Alertmanager, also does this after the server has refused the login.
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
