import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from "node:tls";
import { certificateProblem, failureReason } from "@narthex/http";

/** Longest reply that is read, in UTF-16 units: one that never ends is cut here. */
const MAX_REPLY = 64 * 1024;

/** What a mail server said: `250-A`, `250 B` is { code: 250, text: "A\nB" }. */
export interface Reply {
  readonly code: number;
  readonly text: string;
}

/** A server's no in Go's words: `550 "no such user"`. */
export const refusal = ({ code, text }: Reply): SmtpError =>
  new SmtpError(`${String(code).padStart(3, "0")} ${JSON.stringify(text)}`, code);

/** The connection or the conversation failed; the server may take the mail later. */
export class SmtpError extends Error {
  override readonly name = "SmtpError";
  /** The server's code where it refused, else 0. */
  readonly code: number;

  constructor(message: string, code = 0, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** TLS of one connection. */
export interface SmtpTls {
  readonly options: ConnectionOptions;
  /** Name the certificate must be for. */
  readonly name: string;
  /** False: any certificate will do. */
  readonly verify: boolean;
  /** Unix ms, for the certificate's time. */
  readonly now: number;
}

/** Lines to and from a mail server, one command at a time. An aborted signal ends it at once. */
export class SmtpConnection {
  #socket: Socket;
  readonly #signal: AbortSignal;
  readonly #onAbort = (): void => this.#fail(new SmtpError(ABORTED));
  #received = "";
  readonly #lines: string[] = [];
  #failure: SmtpError | undefined;
  #wake: (() => void) | undefined;

  private constructor(socket: Socket, signal: AbortSignal) {
    this.#socket = socket;
    this.#signal = signal;
    signal.addEventListener("abort", this.#onAbort, { once: true });
    this.#listen();
  }

  /** Connects, with TLS from the first byte where `tls` is given. Throws SmtpError. */
  static async open(
    host: string,
    port: number,
    tls: SmtpTls | undefined,
    signal: AbortSignal,
  ): Promise<SmtpConnection> {
    const socket = connectTcp({ host, port });
    const connection = new SmtpConnection(socket, signal);
    try {
      await connection.#settled(socket, "connect");
      if (tls !== undefined) await connection.secure(tls);
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  get isSecure(): boolean {
    return "encrypted" in this.#socket;
  }

  /** Begins TLS on the open connection, where nothing may have come that somebody put in between. Throws SmtpError. */
  async secure({ options, name, verify, now }: SmtpTls): Promise<void> {
    if (this.#lines.length > 0 || this.#received !== "") {
      throw new SmtpError("the server goes on in the clear where TLS should begin");
    }
    this.#socket.removeAllListeners("data").removeAllListeners("end").removeAllListeners("close");
    const socket: TLSSocket = connectTls({
      ...options,
      socket: this.#socket,
      // Judged below, in words that name what is wrong.
      rejectUnauthorized: false,
      ...(isIP(name) === 0 ? { servername: name } : {}),
    });
    this.#socket = socket;
    this.#listen();
    await this.#settled(socket, "secureConnect");
    const problem = verify ? certificateProblem(socket, name, now) : undefined;
    if (problem !== undefined) throw new SmtpError(problem.message, 0, { cause: problem });
  }

  /** The next reply. Throws SmtpError when none comes. */
  async reply(): Promise<Reply> {
    const texts: string[] = [];
    for (;;) {
      const line = await this.#line();
      const match = /^(\d{3})(?:([ -])(.*))?$/s.exec(line);
      if (match === null) throw new SmtpError(`malformed response: ${JSON.stringify(line.slice(0, 200))}`);
      texts.push(match[3] ?? "");
      if (match[2] !== "-") return { code: Number(match[1]), text: texts.join("\n") };
    }
  }

  /** Sends one command and waits for a reply whose code starts with `expected`'s digits. Throws SmtpError. */
  async command(line: string, expected: number): Promise<Reply> {
    if (/[\r\n]/.test(line)) throw new SmtpError("smtp: A line must not contain CR or LF");
    this.send(`${line}\r\n`);
    return this.expect(expected);
  }

  /** Waits for a reply whose code starts with `expected`'s digits: 25 takes 250 and 251. Throws SmtpError. */
  async expect(expected: number): Promise<Reply> {
    const reply = await this.reply();
    if (String(reply.code).startsWith(String(expected))) return reply;
    throw refusal(reply);
  }

  send(bytes: string | Buffer): void {
    if (this.#failure === undefined) this.#socket.write(bytes);
  }

  /** Lets go of the connection at once. */
  close(): void {
    this.#signal.removeEventListener("abort", this.#onAbort);
    this.#fail(new SmtpError("use of closed network connection"));
  }

  #listen(): void {
    const socket = this.#socket;
    socket.on("data", (chunk: Buffer) => this.#take(chunk.toString("latin1")));
    socket.on("error", (error: Error) => this.#fail(new SmtpError(wordsOf(error), 0, { cause: error })));
    socket.once("end", () => this.#fail(new SmtpError("EOF")));
    socket.once("close", () => this.#fail(new SmtpError("EOF")));
    if (this.#signal.aborted) this.#onAbort();
  }

  #take(text: string): void {
    this.#received += text;
    const lines = this.#received.split(/\r?\n/);
    this.#received = lines.pop() ?? "";
    this.#lines.push(...lines.map((line) => Buffer.from(line, "latin1").toString()));
    const held = this.#received.length + this.#lines.reduce((sum, line) => sum + line.length, 0);
    if (held > MAX_REPLY) this.#fail(new SmtpError(`the server's reply is longer than ${MAX_REPLY} bytes`));
    this.#wake?.();
  }

  async #line(): Promise<string> {
    for (;;) {
      const line = this.#lines.shift();
      if (line !== undefined) return line;
      if (this.#failure !== undefined) throw this.#failure;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Waits for the socket's event, or for what went wrong first. */
  async #settled(socket: Socket, event: "connect" | "secureConnect"): Promise<void> {
    const settled = { ready: false };
    socket.once(event, () => {
      settled.ready = true;
      this.#wake?.();
    });
    while (!settled.ready) {
      if (this.#failure !== undefined) throw this.#failure;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #fail(error: SmtpError): void {
    this.#failure ??= error;
    this.#socket.destroy();
    this.#wake?.();
  }
}

/** The flush, or the process, is over. */
const ABORTED = "context deadline exceeded";

/** Go's words for what a socket says. */
function wordsOf(error: Error): string {
  const { code, message } = error as Error & { code?: string };
  if (/wrong version number|packet length too long/.test(message)) {
    return "tls: first record does not look like a TLS handshake";
  }
  if (code === "EPIPE") return "write: broken pipe";
  if (/Client network socket disconnected before secure/.test(message)) return "EOF";
  return failureReason(error);
}
