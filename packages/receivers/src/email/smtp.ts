import type { ConnectionOptions } from "node:tls";
import type { Clock } from "@narthex/runtime";
import type { Mail } from "./email-message.ts";
import { chooseMechanism, type Mechanism, type SmtpCredentials } from "./smtp-auth.ts";
import { SmtpConnection } from "./smtp-connection.ts";
import { SmtpError, refusalOf, smtpErrorText } from "./smtp-failure.ts";
import type { Reply } from "./smtp-reply.ts";

/** How to reach the mail server, everything resolved. */
export interface SmtpSettings extends SmtpCredentials {
  readonly host: string;
  readonly port: number;
  /** Name for EHLO. */
  readonly hello: string;
  readonly implicitTls: boolean;
  readonly requireTls: boolean;
  /** Reads the TLS files. */
  readonly tls: () => Promise<ConnectionOptions>;
}

/** Longest wait for the answer to QUIT, ms. */
const QUIT_TIMEOUT_MS = 2000;

/**
 * Sends one mail over a connection of its own, one command at a time, to all recipients or none: who was taken before
 * another was refused would get the mail again at each further attempt. Once the server has accepted the message the mail
 * is sent, whatever becomes of the QUIT after it. Throws SmtpError.
 *
 * @param signal ends the attempt as long as the message has not been accepted
 */
export async function sendMail(settings: SmtpSettings, mail: Mail, clock: Clock, signal: AbortSignal): Promise<void> {
  // The connection ends with the signal, but a token server that the login waits for has no deadline of its own.
  const connection = await Promise.race([submit(settings, mail, clock, signal), aborted(signal)]);
  await quit(connection, clock);
}

/** What came of talking to a mail server without sending anything. */
export interface MailServerFacts {
  readonly isSecure: boolean;
  /** Does the server take logins? Where it does, and there is one, it has taken this. */
  readonly takesLogins: boolean;
}

/** Greets the server, signs in where there is a login, and leaves without a mail. Throws SmtpError. */
export async function visitMailServer(
  settings: SmtpSettings,
  clock: Clock,
  signal: AbortSignal,
): Promise<MailServerFacts> {
  const signedIn = signIn(settings, clock, signal);
  const { connection, extensions } = await Promise.race([signedIn, aborted(signal)]);
  const facts = { isSecure: connection.isSecure, takesLogins: extensions.has("AUTH") };
  await quit(connection, clock);
  return facts;
}

/** Everything up to the server's acceptance of the message; the connection is open then. */
async function submit(settings: SmtpSettings, mail: Mail, clock: Clock, signal: AbortSignal): Promise<SmtpConnection> {
  const { connection, extensions } = await signIn(settings, clock, signal);
  try {
    await deliver(connection, mail, extensions);
    return connection;
  } catch (error) {
    await quit(connection, clock);
    throw error;
  }
}

interface OpenSession {
  readonly connection: SmtpConnection;
  readonly extensions: Extensions;
}

/** Everything before the first mail; the connection is open then. */
async function signIn(settings: SmtpSettings, clock: Clock, signal: AbortSignal): Promise<OpenSession> {
  const { implicitTls, requireTls } = settings;
  const tls = implicitTls || requireTls ? await settings.tls() : {};
  const connection = await SmtpConnection.open(settings, implicitTls ? tls : undefined, signal);
  try {
    await step("create SMTP client", connection.reply(), 220);
  } catch (error) {
    connection.close();
    throw error;
  }
  try {
    const extensions = await greet(connection, settings, tls);
    await login(connection, settings, extensions);
    return { connection, extensions };
  } catch (error) {
    await quit(connection, clock);
    throw error;
  }
}

/** Rejects when the signal aborts. */
function aborted(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  const end = (): void => reject(new SmtpError("context deadline exceeded"));
  if (signal.aborted) end();
  else signal.addEventListener("abort", end, { once: true });
  return promise;
}

/** Extensions that the server offers, by keyword, with their parameters. */
type Extensions = ReadonlyMap<string, string>;

/** The reply of a step. Throws SmtpError that begins with the step. */
async function replyOfStep(name: string, replied: Promise<Reply>): Promise<Reply> {
  try {
    return await replied;
  } catch (error) {
    throw new SmtpError(`${name}: ${smtpErrorText(error as Error)}`, { cause: error });
  }
}

/** The same; it must have one of the codes. */
async function step(name: string, replied: Promise<Reply>, ...codes: readonly number[]): Promise<Reply> {
  const reply = await replyOfStep(name, replied);
  if (codes.includes(reply.code)) return reply;
  throw new SmtpError(`${name}: ${refusalOf(reply).message}`);
}

/** Sends EHLO, and goes on with TLS where that is asked for. */
async function greet(connection: SmtpConnection, settings: SmtpSettings, tls: ConnectionOptions): Promise<Extensions> {
  const { host, port, hello, implicitTls, requireTls } = settings;
  const extensions = await introduce("send EHLO command", connection, hello);
  if (!requireTls || implicitTls) return extensions;
  if (!extensions.has("STARTTLS")) {
    const place = JSON.stringify(`${host.includes(":") ? `[${host}]` : host}:${port}`);
    throw new SmtpError(`'require_tls' is true (default) but ${place} does not advertise the STARTTLS extension`);
  }
  const name = "send STARTTLS command";
  await step(name, connection.ask("STARTTLS"), 220);
  await connection.encrypt(tls).catch((error: Error) => {
    throw new SmtpError(`${name}: ${smtpErrorText(error)}`, { cause: error });
  });
  // What was offered in the clear may have been put in by somebody else.
  return introduce(name, connection, hello);
}

/** EHLO, or HELO to a server that knows no extensions. */
async function introduce(name: string, connection: SmtpConnection, hello: string): Promise<Extensions> {
  const { code, lines } = await replyOfStep(name, connection.ask(`EHLO ${hello}`));
  if (code !== 250) {
    await step(name, connection.ask(`HELO ${hello}`), 250);
    return new Map();
  }
  return new Map(
    lines.slice(1).map((line) => {
      const [keyword = "", ...parameters] = line.split(" ");
      return [keyword, parameters.join(" ")] as const;
    }),
  );
}

/** Logs in where the server takes logins and there is one. */
async function login(connection: SmtpConnection, settings: SmtpSettings, extensions: Extensions): Promise<void> {
  const offered = extensions.get("AUTH");
  if (offered === undefined) return;
  const mechanism = await chooseMechanism(offered, { host: settings.host, isSecure: connection.isSecure }, settings);
  if (mechanism !== undefined) await authenticate(connection, mechanism);
}

async function authenticate(connection: SmtpConnection, { type, name, initial, answer }: Mechanism): Promise<void> {
  const base64 = (text: string): string => Buffer.from(text).toString("base64");
  const first = initial === undefined ? "" : ` ${base64(initial)}`;
  const expected = (replied: Promise<Reply>): Promise<Reply> => step(`${type} auth`, replied, 235, 334);
  try {
    let reply = await expected(connection.ask(`AUTH ${name}${first}`));
    while (reply.code === 334) {
      const challenge = Buffer.from(reply.lines.join("\n"), "base64").toString();
      reply = await expected(connection.ask(base64(answer(challenge))));
    }
  } catch (error) {
    // Calls the login off, as upstream does after a refusal, too.
    await connection.ask("*").catch(() => undefined);
    throw error;
  }
}

async function deliver(connection: SmtpConnection, mail: Mail, extensions: Extensions): Promise<void> {
  const body = extensions.has("8BITMIME") ? " BODY=8BITMIME" : "";
  const utf8 = extensions.has("SMTPUTF8") ? " SMTPUTF8" : "";
  await step("send MAIL command", connection.ask(`MAIL FROM:<${mail.from}>${body}${utf8}`), 250);
  for (const to of mail.to) await step("send RCPT command", connection.ask(`RCPT TO:<${to}>`), 250, 251);
  await step("send DATA command", connection.ask("DATA"), 354);
  await step("delivery failure", connection.sendMessage(mail.raw), 250);
}

/** Ends the session with QUIT, whatever became of the mail, and closes the connection. */
async function quit(connection: SmtpConnection, clock: Clock): Promise<void> {
  const cancel = clock.after(QUIT_TIMEOUT_MS, () => connection.close());
  await connection.ask("QUIT").catch(() => undefined);
  cancel();
  connection.close();
}
