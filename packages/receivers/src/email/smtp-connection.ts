import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import { SmtpError, smtpErrorText } from "./smtp-failure.ts";
import { ReplyReader, type Reply } from "./smtp-reply.ts";

/** A conversation with a mail server: one command at a time, each waits for its reply. */
export class SmtpConnection {
  #socket: Socket;
  #reader = new ReplyReader();
  readonly #replies: Reply[] = [];
  #waiter: PromiseWithResolvers<Reply> | undefined;
  /** Why nothing more will come. */
  #fault: Error | undefined;
  #secure = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#listen(socket);
  }

  /**
   * Connects, by TLS where options for it are given. Throws SmtpError; after the signal has aborted its message ends in
   * "context deadline exceeded".
   */
  static async open(
    to: { readonly host: string; readonly port: number },
    tls: ConnectionOptions | undefined,
    signal: AbortSignal,
  ): Promise<SmtpConnection> {
    const socket = connectTcp(to);
    const connection = new SmtpConnection(socket);
    const abort = (): void => connection.#end(new SmtpError("context deadline exceeded"));
    socket.once("close", () => signal.removeEventListener("abort", abort));
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
    try {
      await connection.#unless(once(socket, "connect"));
      if (tls !== undefined) await connection.encrypt(tls);
      return connection;
    } catch (error) {
      connection.close();
      throw new SmtpError(
        `establish ${tls === undefined ? "" : "TLS "}connection to server: ${smtpErrorText(error as Error)}`,
        {
          cause: error,
        },
      );
    }
  }

  /** Is what is said encrypted? */
  get isSecure(): boolean {
    return this.#secure;
  }

  /** The server's next reply. */
  reply(): Promise<Reply> {
    const reply = this.#replies.shift();
    if (reply !== undefined) return Promise.resolve(reply);
    if (this.#fault !== undefined) return Promise.reject(this.#fault);
    this.#waiter = Promise.withResolvers();
    return this.#waiter.promise;
  }

  /** The reply to a command. */
  ask(command: string): Promise<Reply> {
    if (/[\r\n]/.test(command)) return Promise.reject(new SmtpError("smtp: A line must not contain CR or LF"));
    this.#socket.write(`${command}\r\n`);
    return this.reply();
  }

  /** Sends a message's lines, and the one that ends them. */
  sendMessage(message: Buffer): Promise<Reply> {
    // As bytes: a line that begins with a dot gets a second one (RFC 5321, 4.5.2), and every line ends alike.
    const lines = message.toString("latin1").replace(/\r?\n/g, "\r\n");
    const whole = lines.endsWith("\r\n") || lines === "" ? lines : `${lines}\r\n`;
    this.#socket.write(`${whole.replace(/(^|\n)\./g, "$1..")}.\r\n`, "latin1");
    return this.reply();
  }

  /** Goes on with TLS. Unread replies that came in the clear are dropped: anybody could have injected them. */
  async encrypt(options: ConnectionOptions): Promise<void> {
    const plain = this.#socket;
    plain.removeAllListeners("data");
    this.#reader = new ReplyReader();
    this.#replies.length = 0;
    const socket = connectTls({ ...options, socket: plain });
    this.#socket = socket;
    this.#listen(socket);
    await this.#unless(once(socket, "secureConnect"));
    this.#secure = true;
  }

  /** Closes the connection without QUIT. */
  close(): void {
    this.#end(new SmtpError("EOF"));
  }

  /** Waits for what comes unless the connection ends. */
  async #unless<T>(coming: Promise<T>): Promise<T> {
    coming.catch(() => undefined);
    if (this.#fault !== undefined) throw this.#fault;
    this.#waiter = Promise.withResolvers();
    const ended = this.#waiter.promise;
    const result = await Promise.race([coming, ended]);
    this.#waiter = undefined;
    return result as T;
  }

  #listen(socket: Socket): void {
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("error", (error) => this.#end(error));
    socket.on("end", () => this.#end(new SmtpError("EOF")));
    socket.on("close", () => this.#end(new SmtpError("EOF")));
  }

  #take(chunk: Buffer): void {
    try {
      this.#replies.push(...this.#reader.read(chunk));
    } catch (error) {
      this.#end(error as Error);
    }
    if (this.#waiter === undefined || this.#replies.length === 0) return;
    this.#waiter.resolve(this.#replies.shift()!);
    this.#waiter = undefined;
  }

  #end(fault: Error): void {
    this.#fault ??= fault;
    this.#waiter?.reject(this.#fault);
    this.#waiter = undefined;
    this.#socket.destroy();
  }
}
