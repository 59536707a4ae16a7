import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import type { ConnectionOptions } from "node:tls";
import type { Clock } from "@narthex/runtime";
import type { Mail } from "./email-message.ts";
import { chooseMechanism, plainFor, type SmtpCredentials } from "./smtp-auth.ts";
import { MailConnection, type MailFailure, SmtpError, wordsOf } from "./smtp-connection.ts";

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

/** A server that has taken the mail gets this long to say goodbye, ms. */
const FAREWELL_MS = 2000;

/** No deadline of nodemailer's own: the flush's signal ends the attempt, ms. */
const DAY_MS = 86_400_000;

/** Sends one mail over a connection of its own, one command at a time, to all recipients or none. Throws SmtpError. */
export async function sendMail(settings: SmtpSettings, mail: Mail, clock: Clock, signal: AbortSignal): Promise<void> {
  const { host, port, implicitTls, requireTls } = settings;
  const tls = implicitTls || requireTls ? await settings.tls() : {};
  // Node connects, as /etc/hosts has it: nodemailer asks the name server, for localhost too, and fails where none answers.
  const socket = connectTcp({ host, port });
  const connection = open(settings, socket, tls);
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  connection.on("error", failed.reject);
  const abort = (): void => {
    failed.reject(new SmtpError("context deadline exceeded"));
    connection.close();
  };
  signal.addEventListener("abort", abort, { once: true });
  try {
    await once(socket, "connect", { signal }).catch((error: MailFailure) => {
      throw new SmtpError(`establish ${implicitTls ? "TLS " : ""}connection to server: ${wordsOf(error)}`);
    });
    await Promise.race([converse(connection, settings, mail), failed.promise]).catch((error: MailFailure) => {
      throw error instanceof SmtpError ? error : explain(error, connection, settings);
    });
  } finally {
    if (connection.stage === "connected" && !connection.destroyed) await leave(connection, clock);
    signal.removeEventListener("abort", abort);
    connection.close();
    socket.destroy();
  }
}

function open(settings: SmtpSettings, connection: Socket, tls: ConnectionOptions): MailConnection {
  const { host, port, hello, implicitTls, requireTls, identity } = settings;
  // What goes wrong when all is over is nobody's concern.
  connection.on("error", () => undefined);
  return new MailConnection({
    connection,
    host,
    port,
    name: hello,
    secure: implicitTls,
    requireTLS: requireTls && !implicitTls,
    ignoreTLS: !requireTls,
    tls,
    customAuth: identity === "" ? {} : { PLAIN: plainFor(identity) },
    connectionTimeout: DAY_MS,
    greetingTimeout: DAY_MS,
    socketTimeout: DAY_MS,
    socketCloseTimeout: 0,
  });
}

async function converse(connection: MailConnection, settings: SmtpSettings, mail: Mail): Promise<void> {
  const { host } = settings;
  await called((done) => connection.connect(done));
  const greeting = String(connection.lastServerResponse);
  const mechanism = await chooseMechanism(greeting, { host, isSecure: connection.secure }, settings);
  if (mechanism !== undefined) {
    connection.authentication = mechanism.type;
    await called((done) => connection.login(mechanism.auth, done));
    connection.authentication = undefined;
  }
  const envelope = { from: mail.from, to: [...mail.to], use8BitMime: true };
  await called((done) => connection.send(envelope, mail.raw, done));
}

const called = (call: (done: (error?: Error | null) => void) => void): Promise<void> =>
  new Promise((resolve, reject) => call((error) => (error instanceof Error ? reject(error) : resolve())));

async function leave(connection: MailConnection, clock: Clock): Promise<void> {
  const cancel = clock.after(FAREWELL_MS, () => connection.close());
  const ended = once(connection, "end").catch(() => undefined);
  connection.quit();
  await ended;
  cancel();
}

function explain(failure: MailFailure, connection: MailConnection, { host, port }: SmtpSettings): SmtpError {
  if (connection.lacksTls) {
    const place = JSON.stringify(`${host.includes(":") ? `[${host}]` : host}:${port}`);
    return new SmtpError(`'require_tls' is true (default) but ${place} does not advertise the STARTTLS extension`);
  }
  return new SmtpError(`${connection.stepOf(failure)}: ${wordsOf(failure)}`, { cause: failure });
}
