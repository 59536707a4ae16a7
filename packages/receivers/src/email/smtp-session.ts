import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import type { Clock } from "@narthex/runtime";
import type Nodemailer from "nodemailer/lib/smtp-connection";
import { refusalOf, SmtpError, smtpErrorText } from "./smtp-failure.ts";
import { parseReply, type Reply } from "./smtp-reply.ts";

/** SMTP extensions that a mail server offers: parameters by keyword. */
export type Extensions = ReadonlyMap<string, string>;

export interface SessionSettings {
  readonly host: string;
  readonly port: number;
  /** Name of this machine for the greeting (EHLO). */
  readonly hello: string;
  readonly implicitTls: boolean;
  /** True to start TLS after the greeting if the server offers it. */
  readonly startTls: boolean;
  readonly tls: ConnectionOptions;
}

/** Maximum time in ms to wait for the mail server's reply to QUIT. */
const QUIT_TIMEOUT_MS = 2000;
const NO_LIMIT_MS = 2 ** 31 - 1;
/** Disables nodemailer's timeouts. The attempt's signal limits the time instead. */
const LIMITS = {
  connectionTimeout: NO_LIMIT_MS,
  greetingTimeout: NO_LIMIT_MS,
  socketTimeout: NO_LIMIT_MS,
  socketCloseTimeout: 0,
  /** Maximum size in bytes of a mail server's reply. */
  maxResponseSize: 64 * 1024,
};
/** Login method that is registered with nodemailer only to get its function for sending SMTP commands. */
const COMMANDS = "NARTHEX";

type SendCommand = (command: string) => Promise<{ readonly response: string }>;

/**
 * A session with a mail server. nodemailer greets the server, starts TLS and reads replies. This class sends the sender
 * and the recipients itself, one command at a time, because nodemailer would send them all at once; if the server
 * refused some recipients, the others would still get the mail. nodemailer passes its function for sending commands
 * only to handlers of login methods.
 */
export class SmtpSession {
  /** SMTP extensions that the mail server currently offers. */
  extensions: Extensions = new Map();
  /** The server's refusal to start TLS. Undefined if it did not refuse. */
  tlsRefusal: SmtpError | undefined;
  readonly #connection: Nodemailer;
  readonly #ended = Promise.withResolvers<never>();
  #send: SendCommand | undefined;
  /** Name of the current step of the session. Error messages begin with it, as in Alertmanager. */
  #step = "create SMTP client";
  #command = "";

  private constructor(connect: typeof Nodemailer, socket: Socket, settings: SessionSettings, signal: AbortSignal) {
    const { host, port, hello, implicitTls, startTls, tls } = settings;
    const options = {
      ...LIMITS,
      host,
      port,
      name: hello,
      secure: implicitTls,
      secured: implicitTls,
      connection: socket,
      tls,
      ignoreTLS: !startTls,
      // With this option nodemailer does not fail if the server refuses STARTTLS, so the caller can end the session
      // with QUIT.
      opportunisticTLS: startTls,
      transactionLog: true,
      logger: this.#transcript(),
      customAuth: { [COMMANDS]: ({ sendCommand }: { sendCommand: SendCommand }) => void (this.#send = sendCommand) },
    };
    this.#connection = new connect(options);
    this.#ended.promise.catch(() => undefined);
    this.#connection.on("error", (error) => this.#end(failureOf(error)));
    this.#connection.on("end", () => this.#end(new SmtpError("EOF")));
    const abort = (): void => this.#end(new SmtpError("context deadline exceeded"));
    this.#connection.once("end", () => signal.removeEventListener("abort", abort));
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  }

  /**
   * Connects, greets the server and starts TLS as the settings require. Throws SmtpError, whose message begins with the
   * name of the step that failed. After the signal has aborted, the message ends in "context deadline exceeded".
   */
  static async open(settings: SessionSettings, signal: AbortSignal): Promise<SmtpSession> {
    if (/[\r\n]/.test(settings.hello)) throw lineBreak();
    const { Connection } = await import("./smtp-library.ts");
    const socket = await connected(settings, signal);
    const session = new SmtpSession(Connection, socket, settings, signal);
    try {
      await session.#unless(session.#greeted());
      session.#connection.login({ method: COMMANDS }, () => undefined);
      return session;
    } catch (error) {
      throw new SmtpError(`${session.#step}: ${(error as Error).message}`, { cause: error });
    }
  }

  get isSecure(): boolean {
    return this.#connection.secure;
  }

  /** Sends a command and returns the reply. Throws SmtpError if the session fails. */
  async send(command: string): Promise<Reply> {
    if (/[\r\n]/.test(command)) throw lineBreak();
    return this.#reply(command);
  }

  /** Sends the content of a mail after the command DATA, followed by the line that ends the mail. */
  async sendMessage(message: Buffer): Promise<Reply> {
    const { DataStream } = await import("./smtp-library.ts");
    // Converts every line end, including a lone CR or LF, to CR LF, and doubles dots at the start of lines (RFC 5321,
    // 4.5.2).
    const stream = new DataStream();
    stream.end(message);
    const lines = Buffer.concat(await stream.toArray()).toString();
    // Removes the last CR LF, because nodemailer's connection adds it.
    return this.#reply(lines.slice(0, -2));
  }

  /** Ends the session with QUIT and closes the connection. */
  async quit(clock: Clock): Promise<void> {
    const cancel = clock.after(QUIT_TIMEOUT_MS, () => this.close());
    this.#connection.quit();
    await this.#ended.promise.catch(() => undefined);
    cancel();
    this.close();
  }

  /** Closes the connection without QUIT. */
  close(): void {
    this.#end(new SmtpError("EOF"));
  }

  #greeted(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#connection.connect((error) => (error === undefined ? resolve() : reject(failureOf(error))));
    });
  }

  async #reply(text: string): Promise<Reply> {
    const { response } = await this.#unless(this.#send!(text));
    return parseReply(response);
  }

  /** Waits for a promise. Rejects if the SMTP session ends first. */
  #unless<T>(coming: Promise<T>): Promise<T> {
    return Promise.race([coming, this.#ended.promise]);
  }

  #end(reason: Error): void {
    this.#ended.reject(reason);
    this.#connection.close();
  }

  /** Returns a logger for nodemailer that passes all SMTP commands and replies to this class. */
  #transcript(): Record<"debug" | "error" | "fatal" | "info" | "trace" | "warn", (...line: never[]) => void> {
    const ignore = (): void => undefined;
    const debug = ({ tnx }: { readonly tnx?: string }, text: string): void => {
      if (tnx === "client") this.#sent(text);
      else if (tnx === "server") this.#received(text);
    };
    return { debug, error: ignore, fatal: ignore, info: ignore, trace: ignore, warn: ignore };
  }

  #sent(command: string): void {
    this.#command = command.split(" ")[0]!;
    if (this.#command === "STARTTLS") this.#step = "send STARTTLS command";
    else if (this.#step === "create SMTP client") this.#step = "send EHLO command";
  }

  /**
   * Checks a reply of the mail server. Ends the session if the reply is malformed, because nodemailer would accept it.
   */
  #received(text: string): void {
    try {
      const reply = parseReply(text);
      if (this.#command === "EHLO") this.extensions = reply.code === 250 ? extensionsIn(reply.lines) : new Map();
      if (this.#command === "STARTTLS" && reply.code !== 220) {
        this.tlsRefusal = new SmtpError(`${this.#step}: ${refusalOf(reply).message}`);
      }
    } catch (error) {
      this.#end(error as Error);
    }
  }
}

const lineBreak = (): SmtpError => new SmtpError("smtp: A line must not contain CR or LF");

/** Connects to the mail server, and returns the socket. Uses TLS from the start if `implicitTls` is set. */
async function connected({ host, port, implicitTls, tls }: SessionSettings, signal: AbortSignal): Promise<Socket> {
  const socket = implicitTls ? connectTls({ ...tls, host, port }) : connectTcp({ host, port });
  try {
    await once(socket, implicitTls ? "secureConnect" : "connect", { signal });
    return socket;
  } catch (error) {
    socket.on("error", () => undefined).destroy();
    const reason = signal.aborted ? "context deadline exceeded" : smtpErrorText(error as Error);
    throw new SmtpError(`establish ${implicitTls ? "TLS " : ""}connection to server: ${reason}`, { cause: error });
  }
}

/** Returns the extensions that a reply to EHLO lists. */
const extensionsIn = (lines: readonly string[]): Extensions =>
  new Map(
    lines.slice(1).map((line) => {
      const [keyword = "", ...parameters] = line.split(" ");
      return [keyword, parameters.join(" ")] as const;
    }),
  );

/**
 * Converts an error of nodemailer to an SmtpError. nodemailer moves the code of the system error to `originalCode` and
 * the server's reply to `response`.
 */
function failureOf(
  error: Error & { readonly response?: string | undefined; readonly originalCode?: string | undefined },
): SmtpError {
  const { response, originalCode, message } = error;
  if (response !== undefined) {
    try {
      return refusalOf(parseReply(response));
    } catch (problem) {
      return problem as SmtpError;
    }
  }
  if (message === "Connection closed unexpectedly") return new SmtpError("EOF");
  if (message === "Server response exceeds maximum allowed size")
    return new SmtpError("the server's reply is longer than 64 KiB");
  const failure = Object.assign(error, originalCode === undefined ? {} : { code: originalCode });
  return new SmtpError(smtpErrorText(failure), { cause: error });
}
