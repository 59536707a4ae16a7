import type { ResponseHead, BodySink } from "@narthex/http";
import type { BudgetedBody } from "./body-memory-budget.ts";
import type { BodyStore } from "./body-content.ts";
import { type BodySource, PieceSource } from "./body-source.ts";
import { LineLength } from "./line-length.ts";
import { BodySizeError, StatusError } from "./scrape-error.ts";

const FIRST_BYTES = 16 * 1024;
/** Maximum Content-Length, in bytes, for which memory is allocated before the body arrives. */
const TRUSTED_LENGTH_BYTES = 4 * 1024 * 1024;
/**
 * Maximum number of bytes that are read from a response with a status other than 200, so that its connection can be
 * reused.
 */
const DISCARDED_BYTES = 256 * 1024;

/**
 * Maximum length in bytes of a body that is kept in one buffer. The memory of a longer body counts towards the memory
 * budget of all bodies.
 */
export const MAX_BUFFERED_BYTES = 8 * 1024 * 1024;
/** Length in bytes of each further buffer of a body that does not fit into one buffer. */
const PIECE_BYTES = 1024 * 1024;

/** Collects the body of a response in pooled buffers as the body arrives. */
export class BodyCollector implements BodySink, BudgetedBody {
  /** Status and headers of the response, or undefined before begin(). */
  head: ResponseHead | undefined;
  size = 0;
  charged = 0;
  /** Length in bytes at which a body is too long; 0 for no limit. */
  readonly limit: number;
  /** Aborts the request. */
  readonly abort: (reason: Error) => void;
  readonly #store: BodyStore;
  /** The buffer into which received bytes are written: the whole body, or the last piece of a long body. */
  #buffer: Buffer | undefined;
  /** Number of received bytes in the current buffer. */
  #used = 0;
  readonly #pieces: Buffer[] = [];
  #line = new LineLength();

  constructor(store: BodyStore, limit: number, abort: (reason: Error) => void) {
    this.#store = store;
    this.limit = limit;
    this.abort = abort;
  }

  get isGzip(): boolean {
    return this.head?.contentEncoding === "gzip";
  }

  /** True if the Content-Type means that the body is text. */
  get inLines(): boolean {
    return this.head?.contentType?.includes("protobuf") !== true;
  }

  begin(head: ResponseHead): void {
    this.head = head;
    this.size = 0;
  }

  write(bytes: Buffer, from: number, to: number): void {
    const head = this.head!;
    const size = this.size + to - from;
    if (head.status !== 200) {
      this.size = size;
      if (size > DISCARDED_BYTES) throw new StatusError(head.statusText);
      return;
    }
    if (this.limit > 0 && size >= this.limit && !this.isGzip) throw new BodySizeError();
    this.#buffer ??= this.#store.buffers.take(
      head.framing === "length" ? Math.min(head.length, TRUSTED_LENGTH_BYTES) : FIRST_BYTES,
    );
    if (size > MAX_BUFFERED_BYTES || this.#pieces.length > 0) this.#takeInPieces(bytes, from, to);
    else {
      while (size > this.#buffer.length) this.#buffer = this.#store.buffers.grown(this.#buffer, this.#used);
      bytes.copy(this.#buffer, this.#used, from, to);
      this.#used = size;
    }
    this.size = size;
  }

  /** The received bytes, or undefined if they are not in one buffer. */
  get whole(): Buffer | undefined {
    if (this.#pieces.length > 0) return undefined;
    return this.#buffer?.subarray(0, this.size) ?? EMPTY;
  }

  open(): BodySource {
    return new PieceSource([...this.#pieces, this.#buffer!.subarray(0, this.#used)]);
  }

  /** Must be called after the whole body was received. */
  end(): void {
    this.#store.budget.complete(this);
  }

  /** Discards the received bytes, so that another response can be read. */
  reset(): void {
    this.release();
    this.head = undefined;
  }

  release(): void {
    const { buffers, budget } = this.#store;
    for (const piece of this.#pieces.splice(0)) buffers.giveBack(piece);
    if (this.#buffer !== undefined) buffers.giveBack(this.#buffer);
    budget.release(this, this.charged);
    this.#buffer = undefined;
    this.#used = 0;
    this.#line = new LineLength();
    this.charged = 0;
    this.size = 0;
  }

  #takeInPieces(bytes: Buffer, from: number, to: number): void {
    if (!this.isGzip && this.inLines) this.#line.take(bytes.subarray(from, to), to - from);
    for (let at = from; at < to;) {
      if (this.#used === this.#buffer!.length) this.#nextPiece();
      const end = Math.min(to, at + this.#buffer!.length - this.#used);
      bytes.copy(this.#buffer!, this.#used, at, end);
      this.#used += end - at;
      at = end;
    }
  }

  #nextPiece(): void {
    const { budget, buffers } = this.#store;
    budget.charge(this, PIECE_BYTES);
    this.charged += PIECE_BYTES;
    this.#pieces.push(this.#buffer!);
    this.#buffer = buffers.take(PIECE_BYTES);
    this.#used = 0;
  }
}

const EMPTY = Buffer.alloc(0);
