import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { invariant } from "../invariant.ts";

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** How to react to an `Expect` header before the request is handled. */
  readonly before?: "continue" | "refuse";
}

/**
 * Minimum number of bytes of a chunked body that are parsed at once. A chunked body is split after each empty line
 * (`\r\n\r\n`), because the body may end there and the next request may begin. Without the minimum, a body that
 * consists of empty lines would take too long.
 */
const CHUNKED_BYTES = 4096;

/**
 * The end of a request's head. Only bytes up to the end of the head are parsed. Otherwise objects would be created for
 * later requests too early.
 */
const HEAD_END = Buffer.from("\r\n\r\n");

/**
 * Handles the requests of one connection one after another. The next request is not parsed until the previous answer
 * was sent, so a client that reads nothing uses little memory.
 */
export class RequestPipeline {
  readonly #socket: Socket;
  readonly #parse: (bytes: Buffer) => void;
  readonly #begin: (exchange: Exchange) => void;
  /** Requests that were parsed in the same piece as the previous one. */
  readonly #parsed: Exchange[] = [];
  readonly #unread: Buffer[] = [];
  #current: Exchange | undefined;
  /** The request that the parser read last. An answer may be sent before its body was received. */
  #last: IncomingMessage | undefined;
  /** Number of bytes that are known to belong to the body of the last request. */
  #bodyBytes = 0;
  #sliceBytes = 0;
  #isPaused = false;
  #isEnding = false;
  /** Text that is sent after all earlier requests were answered, before the connection closes. */
  #errorResponse: string | undefined;

  /** @param socket socket of a Node server, which already reads from it */
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

  /** True if a request is being answered. */
  get isBusy(): boolean {
    return this.#current !== undefined;
  }

  /** True if the pipeline waits for the client to send more of a body. */
  get isReceiving(): boolean {
    return this.#current?.request.complete === false && this.#unread.length === 0;
  }

  /** Adds a request that the parser has found. */
  add(exchange: Exchange): void {
    this.#bodyBytes = Math.max(0, Number(exchange.request.headers["content-length"] ?? 0) - this.#sliceBytes) || 0;
    this.#last = exchange.request;
    this.#parsed.push(exchange);
    this.#next();
  }

  /** Closes the connection now, or when the running answer was sent. */
  end(): void {
    this.#isEnding = true;
    if (!this.isBusy) this.#socket.destroySoon();
  }

  /**
   * Sends an error response after the earlier requests were answered, and closes the connection. Called for bytes that
   * are not HTTP.
   */
  fail(words: string): void {
    this.#errorResponse = words;
    this.#unread.length = 0;
    const current = this.#current;
    // The invalid bytes are part of the request's body, whose rest would never be complete.
    if (current?.request.complete === false) {
      if (!current.response.headersSent) this.#socket.write(words);
      this.#socket.destroySoon();
    } else this.#next();
  }

  #next(): void {
    if (this.#current !== undefined || this.#socket.destroyed) return;
    const exchange = this.#parsed.shift();
    if (exchange === undefined) {
      if (this.#errorResponse !== undefined) this.#socket.end(this.#errorResponse, () => this.#socket.destroySoon());
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
    const isOver = destroyed || writableNeedDrain || this.#errorResponse !== undefined;
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
