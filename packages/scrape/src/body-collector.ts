import type { AnswerHead, BodySink } from "@narthex/http";
import type { BodyBuffers } from "./body-buffers.ts";
import { BodySizeError, StatusError } from "./scrape-error.ts";

const FIRST_BYTES = 16 * 1024;
/** What a target says of its body's length is believed up to here. */
const BELIEVED_BYTES = 4 * 1024 * 1024;
/** An answer other than 200 is read to its end, so that the connection can be kept, but no further than this. */
const DISCARDED_BYTES = 256 * 1024;

/** Puts a body together in a lent buffer. */
export class BodyCollector implements BodySink {
  /** undefined before begin(). */
  head: AnswerHead | undefined;
  size = 0;
  readonly #buffers: BodyBuffers;
  /** A body is shorter; 0 is no limit. */
  readonly limit: number;
  #buffer: Buffer | undefined;

  constructor(buffers: BodyBuffers, limit: number) {
    this.#buffers = buffers;
    this.limit = limit;
  }

  get zipped(): boolean {
    return this.head?.contentEncoding === "gzip";
  }

  begin(head: AnswerHead): void {
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
    this.#buffer ??= this.#buffers.take(
      head.framing === "length" ? Math.min(head.length, BELIEVED_BYTES) : FIRST_BYTES,
    );
    while (size > this.#buffer.length) this.#buffer = this.#buffers.grown(this.#buffer, this.size);
    bytes.copy(this.#buffer, this.size, from, to);
    this.size = size;
  }

  /** The body as it came. */
  bytes(): Buffer {
    return this.#buffer?.subarray(0, this.size) ?? EMPTY;
  }

  /** Forgets what has come: another answer is taken instead. */
  reset(): void {
    this.release();
    this.head = undefined;
  }

  /** Gives the memory back. */
  release(): void {
    if (this.#buffer !== undefined) this.#buffers.giveBack(this.#buffer);
    this.#buffer = undefined;
    this.size = 0;
  }
}

const EMPTY = Buffer.alloc(0);
