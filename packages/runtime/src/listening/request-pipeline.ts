import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { invariant } from "../invariant.ts";

/** A request and what is to become its answer. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** What is owed to an `Expect` header before the answer. */
  readonly before?: "continue" | "refuse";
}

/**
 * Least bytes of a chunked body that are parsed at once. Such a body is cut at the ends of heads too, because one may
 * begin behind it, and a body may contain nothing else.
 */
const CHUNKED_BYTES = 4096;

/** Ends a request's head: bytes are parsed up to there, so that the requests behind become no objects yet. */
const HEAD_END = Buffer.from("\r\n\r\n");

/**
 * The requests of one connection: each is begun when the answer before it has left, and the next ones are not even
 * parsed. A client that sends many and reads nothing holds what its first answer holds, and what one read took in.
 */
export class RequestPipeline {
  readonly #socket: Socket;
  readonly #parse: (bytes: Buffer) => void;
  readonly #begin: (exchange: Exchange) => void;
  /** Requests that came in one slice with the one before. */
  readonly #parsed: Exchange[] = [];
  readonly #unread: Buffer[] = [];
  #current: Exchange | undefined;
  /** The request whose bytes the parser read last; it may be answered before its body has come. */
  #last: IncomingMessage | undefined;
  /** Bytes that are certainly part of the last request's body. */
  #bodyBytes = 0;
  #sliceBytes = 0;
  #isPaused = false;
  #isEnding = false;
  /** Sent at last, when all that came before is answered. */
  #lastWords: string | undefined;

  /** @param socket of a server of Node's, which reads it by now */
  constructor(socket: Socket, begin: (exchange: Exchange) => void) {
    this.#socket = socket;
    this.#begin = begin;
    const [parse] = socket.listeners("data");
    invariant(parse !== undefined, "Node's server reads a connection by listening to its data");
    this.#parse = parse.bind(socket) as (bytes: Buffer) => void;
    socket.off("data", parse as (bytes: Buffer) => void);
    socket.on("data", (bytes: Buffer) => {
      this.#unread.push(bytes);
      this.#read();
    });
    socket.on("drain", () => this.#read());
    socket.once("close", () => {
      this.#unread.length = 0;
      this.#parsed.length = 0;
    });
    socket.resume();
  }

  /** Is a request being answered? */
  get isBusy(): boolean {
    return this.#current !== undefined;
  }

  /** Is the client's turn to send more of the body that is waited for? */
  get isReceiving(): boolean {
    return this.#current?.request.complete === false && this.#unread.length === 0;
  }

  /** Takes in a request that the parser has found. */
  add(exchange: Exchange): void {
    this.#bodyBytes = Math.max(0, Number(exchange.request.headers["content-length"] ?? 0) - this.#sliceBytes) || 0;
    this.#last = exchange.request;
    this.#parsed.push(exchange);
    this.#next();
  }

  /** Closes the connection: now, or when the answer under way is out. */
  end(): void {
    this.#isEnding = true;
    if (!this.isBusy) this.#socket.destroySoon();
  }

  /** What came is no HTTP: sends these words when the requests before it are answered, and closes. */
  fail(words: string): void {
    this.#lastWords = words;
    this.#unread.length = 0;
    const current = this.#current;
    // What could not be read is its body: whoever waits for that waits in vain.
    if (current?.request.complete === false) {
      if (!current.response.headersSent) this.#socket.write(words);
      this.#socket.destroySoon();
    } else this.#next();
  }

  #next(): void {
    if (this.#current !== undefined || this.#socket.destroyed) return;
    const exchange = this.#parsed.shift();
    if (exchange === undefined) {
      if (this.#lastWords !== undefined) this.#socket.end(this.#lastWords, () => this.#socket.destroySoon());
      return;
    }
    this.#current = exchange;
    exchange.response.once("close", () => {
      this.#current = undefined;
      if (this.#isEnding) {
        this.#socket.destroySoon();
        return;
      }
      this.#next();
      this.#read();
    });
    this.#begin(exchange);
  }

  get #isBlocked(): boolean {
    const { destroyed, writableNeedDrain } = this.#socket;
    const isOver = destroyed || writableNeedDrain || this.#lastWords !== undefined;
    return isOver || this.#parsed.length > 0 || this.#current?.request.complete === true;
  }

  get #isInChunkedBody(): boolean {
    const request = this.#last;
    return request?.complete === false && request.headers["transfer-encoding"] !== undefined;
  }

  #read(): void {
    while (this.#unread.length > 0 && !this.#isBlocked) {
      const bytes = this.#unread[0]!;
      const slice = bytes.subarray(0, this.#bodyBytes || endOfHead(bytes, this.#isInChunkedBody ? CHUNKED_BYTES : 0));
      if (slice.length === bytes.length) this.#unread.shift();
      else this.#unread[0] = bytes.subarray(slice.length);
      this.#sliceBytes = slice.length;
      this.#bodyBytes = Math.max(0, this.#bodyBytes - slice.length);
      this.#parse(slice);
    }
    const isPaused = this.#unread.length > 0;
    if (isPaused) this.#socket.pause();
    else if (this.#isPaused) this.#socket.resume();
    this.#isPaused = isPaused;
  }
}

function endOfHead(bytes: Buffer, from: number): number {
  const at = bytes.indexOf(HEAD_END, from);
  return at === -1 ? bytes.length : at + HEAD_END.length;
}
