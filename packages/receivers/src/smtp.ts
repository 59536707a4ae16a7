import type { Clock } from "@narthex/runtime";
import type { Mail } from "./email-message.ts";
import { logIn, type SmtpCredentials } from "./smtp-auth.ts";
import { SmtpConnection, SmtpError, type SmtpTls } from "./smtp-connection.ts";

/** How to reach the mail server, everything resolved. */
export interface SmtpSettings extends SmtpCredentials {
  readonly host: string;
  readonly port: number;
  /** Name for EHLO. */
  readonly hello: string;
  readonly implicitTls: boolean;
  readonly requireTls: boolean;
  /** Reads the TLS files. */
  readonly tls: () => Promise<SmtpTls>;
}

/** A server that has taken the mail gets this long to say goodbye, ms. */
const FAREWELL_MS = 2000;

/** Sends one mail over a connection of its own, as upstream does: one command at a time, all recipients or none. Throws SmtpError. */
export async function sendMail(settings: SmtpSettings, mail: Mail, clock: Clock, signal: AbortSignal): Promise<void> {
  const { host, port, implicitTls } = settings;
  const tls = implicitTls ? await settings.tls() : undefined;
  const connection = await during(`establish ${implicitTls ? "TLS " : ""}connection to server`, () =>
    SmtpConnection.open(host, port, tls, signal),
  );
  let isSpoken = false;
  try {
    await during("create SMTP client", () => connection.expect(220));
    isSpoken = true;
    await converse(connection, settings, mail);
  } finally {
    if (isSpoken) await leave(connection, clock);
    connection.close();
  }
}

async function leave(connection: SmtpConnection, clock: Clock): Promise<void> {
  const cancel = clock.after(FAREWELL_MS, () => connection.close());
  await connection.command("QUIT", 221).catch(() => undefined);
  cancel();
}

/** Runs one step, naming it when it fails. */
async function during<T>(step: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof SmtpError)) throw error;
    throw new SmtpError(`${step}: ${error.message}`, error.code, { cause: error });
  }
}

async function converse(connection: SmtpConnection, settings: SmtpSettings, mail: Mail): Promise<void> {
  const { host, port, hello } = settings;
  let extensions = await during("send EHLO command", () => greet(connection, hello));
  if (settings.requireTls && !settings.implicitTls) {
    if (!extensions.has("STARTTLS")) {
      const place = `${host.includes(":") ? `[${host}]` : host}:${port}`;
      throw new SmtpError(
        `'require_tls' is true (default) but ${JSON.stringify(place)} does not advertise the STARTTLS extension`,
      );
    }
    const tls = await settings.tls();
    extensions = await during("send STARTTLS command", async () => {
      await connection.command("STARTTLS", 220);
      await secureOrClose(connection, tls);
      return greet(connection, hello);
    });
  }
  const offered = extensions.get("AUTH");
  if (offered !== undefined) await logIn(connection, host, offered, settings);
  await during("send MAIL command", () => connection.command(mailCommand(mail.from, extensions), 250));
  for (const address of mail.to) {
    await during("send RCPT command", () => connection.command(`RCPT TO:<${address}>`, 25));
  }
  await during("send DATA command", () => connection.command("DATA", 354));
  connection.send(dotted(mail.raw));
  await during("delivery failure", () => connection.expect(250));
}

/** After a failed handshake there is nobody to say goodbye to. */
async function secureOrClose(connection: SmtpConnection, tls: SmtpTls): Promise<void> {
  try {
    await connection.secure(tls);
  } catch (error) {
    connection.close();
    throw error;
  }
}

const mailCommand = (from: string, extensions: ReadonlyMap<string, string>): string =>
  [
    `MAIL FROM:<${from}>`,
    ...(extensions.has("8BITMIME") ? ["BODY=8BITMIME"] : []),
    ...(extensions.has("SMTPUTF8") ? ["SMTPUTF8"] : []),
  ].join(" ");

/** Says who we are; what the server can do, by keyword. A server without EHLO can do nothing. */
async function greet(connection: SmtpConnection, hello: string): Promise<ReadonlyMap<string, string>> {
  try {
    const { text } = await connection.command(`EHLO ${hello}`, 250);
    return new Map(
      text
        .split("\n")
        .slice(1)
        .map((line): [string, string] => {
          const [keyword = "", ...rest] = line.split(" ");
          return [keyword.toUpperCase(), rest.join(" ")];
        }),
    );
  } catch (error) {
    if (!(error instanceof SmtpError) || error.code === 0) throw error;
    await connection.command(`HELO ${hello}`, 250);
    return new Map();
  }
}

/** The message as DATA wants it: a dot at a line's start is doubled, a line with one dot ends it. */
function dotted(raw: Buffer): Buffer {
  const text = raw.toString("latin1").replace(/\r?\n/g, "\r\n").replace(/^\./gm, "..");
  return Buffer.from(`${text}${text.endsWith("\r\n") ? "" : "\r\n"}.\r\n`, "latin1");
}
