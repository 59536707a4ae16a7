import { hexDigit } from "@narthex/bytes";
import { type ResponseHead, Http1Error, parseHead, truncatedHeadError } from "./http1-head.ts";

/** Receiver of the body of an answer, which arrives in parts. */
export interface BodySink {
  begin(head: ResponseHead): void;
  /**
   * Receives a part of the body: the bytes of the buffer `bytes` from index `from` up to, but not including, `to`. The
   * buffer is overwritten after the call. An error that this function throws aborts the request.
   */
  write(bytes: Buffer, from: number, to: number): void;
}

const LF = 0x0a;
const CR = 0x0d;

/**
 * Largest size in bytes of an answer without its body, as in Go's client: status line, header fields, 1xx answers and
 * trailers together.
 */
const MAX_HEAD_BYTES = 10 * 1024 * 1024;
/** Maximum size in bytes of the line with the size of a chunk, including extensions. */
const MAX_CHUNK_LINE_BYTES = 4096;
const MAX_HEX_DIGITS = 16;
/** Maximum size of a chunk in bytes. A double cannot represent all larger numbers exactly. */
const MAX_CHUNK_BYTES = 2 ** 52;

const HEAD = 0;
const BODY = 1;
const UNTIL_CLOSE = 2;
const CHUNK_SIZE = 3;
const CHUNK_EXTENSION = 4;
const CHUNK_SIZE_LF = 5;
const CHUNK_CR = 6;
const CHUNK_LF = 7;
const TRAILERS = 8;
const DONE = 9;

/**
 * Reads answers from the bytes of a connection, which may arrive in pieces of any size. Throws Http1Error for bytes
 * that are not HTTP/1.x.
 */
export class Http1Reader {
  head: ResponseHead | undefined;
  /** Whether bytes were received that belong to no answer. The connection must then not be reused. */
  surplus = false;
  #sink: BodySink | undefined;
  #state = DONE;
  /** Number of missing bytes of the body or of the current chunk. */
  #missing = 0;
  /** Number of digits in the current chunk-size line. #extension counts the bytes of extensions in this line. */
  #digits = 0;
  #extension = 0;
  /** Received pieces of an answer's head that is not complete yet. */
  #torn: Buffer[] = [];
  #headBytes = 0;
  /** True if the received part of the current line is empty, apart from a possible CR. */
  #lineIsEmpty = true;

  /** Prepares for the next answer. Its body will be passed to `sink`. */
  begin(sink: BodySink): void {
    this.head = undefined;
    this.#sink = sink;
    this.#state = HEAD;
    this.#torn = [];
    this.#headBytes = 0;
    this.#lineIsEmpty = true;
  }

  get done(): boolean {
    return this.#state === DONE;
  }

  /** Processes the first `length` bytes of a buffer. Returns true when the answer is complete. */
  take(bytes: Buffer, length: number): boolean {
    let at = 0;
    while (at < length && this.#state !== DONE) at = this.#step(bytes, at, length);
    if (at < length) this.surplus = true;
    return this.#state === DONE;
  }

  /** Throws if the answer is incomplete. Must be called at the end of the connection. */
  end(): void {
    if (this.#state === UNTIL_CLOSE) this.#state = DONE;
    if (this.#state === DONE) return;
    throw this.head === undefined
      ? truncatedHeadError(Buffer.concat(this.#torn).toString("latin1"))
      : new Http1Error("unexpected EOF");
  }

  #step(bytes: Buffer, at: number, length: number): number {
    switch (this.#state) {
      case HEAD:
        return this.#takeHead(bytes, at, length);
      case BODY:
        return this.#takeBody(bytes, at, length);
      case UNTIL_CLOSE:
        this.#sink!.write(bytes, at, length);
        return length;
      case TRAILERS:
        return this.#takeTrailers(bytes, at, length);
      default:
        this.#takeChunkByte(bytes[at]!);
        return this.#state === BODY ? this.#takeBody(bytes, at + 1, length) : at + 1;
    }
  }

  #takeHead(bytes: Buffer, from: number, length: number): number {
    const end = this.#emptyLine(bytes, from, length);
    const upTo = end < 0 ? length : end;
    const piece = bytes.subarray(from, upTo);
    if (end < 0) {
      // Copies the piece, because later pieces overwrite the buffer.
      this.#torn.push(Buffer.from(piece));
      return length;
    }
    const whole = this.#torn.length === 0 ? piece : Buffer.concat([...this.#torn, piece]);
    this.#torn = [];
    this.#lineIsEmpty = true;
    this.#open(parseHead(whole.toString("latin1", 0, whole.length - (whole.at(-2) === CR ? 2 : 1))));
    return end;
  }

  /** Returns the index after the next empty line, or -1 if the line has not arrived yet. */
  #emptyLine(bytes: Buffer, from: number, to: number): number {
    for (let at = from; at < to; at++) {
      const byte = bytes[at]!;
      if (++this.#headBytes > MAX_HEAD_BYTES) {
        throw new Http1Error(`net/http: server response headers exceeded ${MAX_HEAD_BYTES} bytes; aborted`);
      }
      if (byte === LF) {
        if (this.#lineIsEmpty) return at + 1;
        this.#lineIsEmpty = true;
      } else if (byte !== CR) this.#lineIsEmpty = false;
    }
    return -1;
  }

  #open(head: ResponseHead): void {
    // Skips 1xx answers, which precede the final answer. Status 101 would be final, but the client never requests it.
    if (head.status < 200 && head.status !== 101) return;
    this.head = head;
    this.#sink!.begin(head);
    this.#missing = head.length;
    this.#digits = 0;
    this.#extension = 0;
    this.#state = { none: DONE, length: BODY, chunked: CHUNK_SIZE, close: UNTIL_CLOSE }[head.framing];
  }

  #takeBody(bytes: Buffer, from: number, length: number): number {
    const to = Math.min(length, from + this.#missing);
    if (to > from) this.#sink!.write(bytes, from, to);
    this.#missing -= to - from;
    if (this.#missing === 0) this.#state = this.head!.framing === "chunked" ? CHUNK_CR : DONE;
    return to;
  }

  #takeChunkByte(byte: number): void {
    switch (this.#state) {
      case CHUNK_SIZE:
        return this.#takeSizeByte(byte);
      case CHUNK_EXTENSION:
        if (byte === CR) this.#state = CHUNK_SIZE_LF;
        else if (byte === LF) throw new Http1Error("chunked line ends with bare LF");
        else if (++this.#extension > MAX_CHUNK_LINE_BYTES) throw new Http1Error("header line too long");
        return;
      case CHUNK_SIZE_LF:
        if (byte !== LF) throw new Http1Error("malformed chunked encoding");
        this.#state = this.#missing === 0 ? TRAILERS : BODY;
        return;
      case CHUNK_CR:
        if (byte !== CR) throw new Http1Error("malformed chunked encoding");
        this.#state = CHUNK_LF;
        return;
      case CHUNK_LF:
        if (byte !== LF) throw new Http1Error("malformed chunked encoding");
        this.#state = CHUNK_SIZE;
        this.#missing = 0;
        this.#digits = 0;
        this.#extension = 0;
    }
  }

  #takeSizeByte(byte: number): void {
    const digit = hexDigit(byte);
    if (digit >= 0) {
      this.#missing = this.#missing * 16 + digit;
      if (++this.#digits > MAX_HEX_DIGITS || this.#missing > MAX_CHUNK_BYTES) {
        throw new Http1Error("http chunk length too large");
      }
      return;
    }
    if (this.#digits === 0) throw new Http1Error("invalid byte in chunk length");
    if (byte === CR) this.#state = CHUNK_SIZE_LF;
    else if (byte === 0x3b || byte === 0x20 || byte === 0x09) this.#state = CHUNK_EXTENSION;
    else if (byte === LF) throw new Http1Error("chunked line ends with bare LF");
    else throw new Http1Error("invalid byte in chunk length");
  }

  /** Skips the trailer fields after the last chunk. Returns the index after the trailer fields. */
  #takeTrailers(bytes: Buffer, from: number, length: number): number {
    const end = this.#emptyLine(bytes, from, length);
    if (end < 0) return length;
    this.#state = DONE;
    return end;
  }
}
