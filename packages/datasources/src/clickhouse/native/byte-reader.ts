import type { TimeSlice } from "@narthex/runtime";
import { QueryFailure } from "../../query-failure.ts";

/** Largest number of bytes of a variable-length number. */
const MAX_VARINT_BYTES = 9;

/** Reads numbers and texts from the pieces of an answer. Waits for the next pieces where necessary. */
export class ByteReader {
  readonly #pieces: AsyncIterator<Uint8Array>;
  readonly #slice: Pick<TimeSlice, "yieldToEventLoop">;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;

  constructor(pieces: AsyncIterable<Uint8Array>, slice: Pick<TimeSlice, "yieldToEventLoop">) {
    this.#pieces = pieces[Symbol.asyncIterator]();
    this.#slice = slice;
  }

  /** Yields to the event loop if the work has taken long. */
  async pause(): Promise<void> {
    await this.#slice.yieldToEventLoop();
  }

  /** Waits for a number of bytes. Returns false if the answer ends before. */
  async has(count: number): Promise<boolean> {
    if (this.#bytes.length - this.#at >= count) return true;
    const parts: Uint8Array[] = [this.#bytes.subarray(this.#at)];
    let length = parts[0]!.length;
    while (length < count) {
      // oxlint-disable-next-line no-await-in-loop -- the pieces follow each other
      const { done, value } = await this.#pieces.next();
      if (done === true) break;
      // The piece is copied, because its memory may be used again.
      parts.push(Uint8Array.from(value));
      length += value.length;
    }
    this.#bytes = Buffer.concat(parts, length);
    this.#at = 0;
    return length >= count;
  }

  /** Returns the next bytes without reading them. May return fewer bytes at the end. */
  async peek(count: number): Promise<Buffer> {
    await this.has(count);
    return this.#bytes.subarray(this.#at, this.#at + count);
  }

  /** Resolves with the next bytes. The bytes are valid until the next call. */
  async take(count: number): Promise<Buffer> {
    if (!(await this.has(count)))
      throw new QueryFailure(
        502,
        "the data source's answer ends in the middle of a column, or is not in ClickHouse's format Native",
      );
    return this.#bytes.subarray(this.#at, (this.#at += count));
  }

  async varint(): Promise<number> {
    let value = 0;
    for (let i = 0; i < MAX_VARINT_BYTES; i++) {
      // oxlint-disable-next-line no-await-in-loop -- the bytes follow each other
      const byte = this.#at < this.#bytes.length ? this.#bytes[this.#at++]! : (await this.take(1))[0]!;
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) {
        if (Number.isSafeInteger(value)) return value;
        break;
      }
    }
    throw new QueryFailure(502, "the data source's answer contains a number that is too large");
  }

  /** Returns a text that is at hand completely, or undefined. */
  textAtHand(): string | undefined {
    let [at, length, shift] = [this.#at, 0, 1];
    for (;;) {
      if (at >= this.#bytes.length || at - this.#at > 4) return undefined;
      const byte = this.#bytes[at++]!;
      length += (byte & 0x7f) * shift;
      shift *= 128;
      if (byte < 0x80) break;
    }
    const end = at + length;
    if (end > this.#bytes.length) return undefined;
    this.#at = end;
    return length === 0 ? "" : this.#bytes.toString("utf8", at, end);
  }

  async text(): Promise<string> {
    const atHand = this.textAtHand();
    if (atHand !== undefined) return atHand;
    const length = await this.varint();
    return (await this.take(length)).toString("utf8");
  }

  /** Resolves with a number of 64 bits. Throws QueryFailure if a number of JavaScript cannot contain it. */
  async uint64(): Promise<number> {
    const value = Number((await this.take(8)).readBigUInt64LE());
    if (Number.isSafeInteger(value)) return value;
    throw new QueryFailure(502, "the data source's answer contains a number that is too large");
  }

  /** Resolves with the text of the rest of the answer, up to a number of bytes. */
  async rest(most: number): Promise<string> {
    return (await this.peek(most)).toString("utf8");
  }
}
