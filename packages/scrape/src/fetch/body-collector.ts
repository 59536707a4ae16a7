import type { ResponseHead, BodySink } from "@narthex/http";
import type { Charged } from "./body-account.ts";
import type { BodyStore } from "./body-content.ts";
import { type BodySource, PieceSource } from "./body-source.ts";
import { LineLength } from "./line-length.ts";
import { BodySizeError, StatusError } from "./scrape-error.ts";

const FIRST_BYTES = 16 * 1024;
/** What a target says of its body's length is believed up to here. */
const BELIEVED_BYTES = 4 * 1024 * 1024;
/** An answer other than 200 is read to its end, so that the connection can be kept, but no further than this. */
const DISCARDED_BYTES = 256 * 1024;

/** A body is kept in one piece up to here; longer ones are charged. */
export const WHOLE_BYTES = 8 * 1024 * 1024;
/** Of a longer one, further pieces of this length. */
const PIECE_BYTES = 1024 * 1024;

/** Puts a body together in lent memory. */
export class BodyCollector implements BodySink, Charged {
  /** undefined before begin(). */
  head: ResponseHead | undefined;
  size = 0;
  charged = 0;
  /** A body is shorter; 0 is no limit. */
  readonly limit: number;
  /** Breaks the request off that brings the body. */
  readonly breakOff: (reason: Error) => void;
  readonly #store: BodyStore;
  /** Where bytes go: the whole body, or its last piece. */
  #buffer: Buffer | undefined;
  /** Of it. */
  #used = 0;
  readonly #pieces: Buffer[] = [];
  #line = new LineLength();

  constructor(store: BodyStore, limit: number, breakOff: (reason: Error) => void) {
    this.#store = store;
    this.limit = limit;
    this.breakOff = breakOff;
  }

  get zipped(): boolean {
    return this.head?.contentEncoding === "gzip";
  }

  /** Is it text, as far as its type says? */
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
    if (this.limit > 0 && size >= this.limit && !this.zipped) throw new BodySizeError();
    this.#buffer ??= this.#store.buffers.take(
      head.framing === "length" ? Math.min(head.length, BELIEVED_BYTES) : FIRST_BYTES,
    );
    if (size > WHOLE_BYTES || this.#pieces.length > 0) this.#takeInPieces(bytes, from, to);
    else {
      while (size > this.#buffer.length) this.#buffer = this.#store.buffers.grown(this.#buffer, this.#used);
      bytes.copy(this.#buffer, this.#used, from, to);
      this.#used = size;
    }
    this.size = size;
  }

  /** The body as it came, where it is in one piece. */
  get whole(): Buffer | undefined {
    if (this.#pieces.length > 0) return undefined;
    return this.#buffer?.subarray(0, this.size) ?? EMPTY;
  }

  /** Reads the body as it came. */
  open(): BodySource {
    return new PieceSource([...this.#pieces, this.#buffer!.subarray(0, this.#used)]);
  }

  /** All has come. */
  end(): void {
    this.#store.account.arrived(this);
  }

  /** Forgets what has come: another answer is taken instead. */
  reset(): void {
    this.release();
    this.head = undefined;
  }

  /** Gives the memory back. */
  release(): void {
    const { buffers, account } = this.#store;
    for (const piece of this.#pieces.splice(0)) buffers.giveBack(piece);
    if (this.#buffer !== undefined) buffers.giveBack(this.#buffer);
    account.release(this, this.charged);
    this.#buffer = undefined;
    this.#used = 0;
    this.#line = new LineLength();
    this.charged = 0;
    this.size = 0;
  }

  #takeInPieces(bytes: Buffer, from: number, to: number): void {
    if (!this.zipped && this.inLines) this.#line.take(bytes.subarray(from, to), to - from);
    for (let at = from; at < to;) {
      if (this.#used === this.#buffer!.length) this.#nextPiece();
      const end = Math.min(to, at + this.#buffer!.length - this.#used);
      bytes.copy(this.#buffer!, this.#used, at, end);
      this.#used += end - at;
      at = end;
    }
  }

  #nextPiece(): void {
    const { account, buffers } = this.#store;
    account.charge(this, PIECE_BYTES);
    this.charged += PIECE_BYTES;
    this.#pieces.push(this.#buffer!);
    this.#buffer = buffers.take(PIECE_BYTES);
    this.#used = 0;
  }
}

const EMPTY = Buffer.alloc(0);
