import { ByteWriter, crc32c, uvarintSize, WireWriter } from "@narthex/bytes";
import type { EncodedChunks } from "@narthex/storage";

/**
 * Writes ChunkedReadResponse messages as frames: a length, a checksum and the message. A frame tells of one series; the
 * chunks of a series take as many frames as `maxBytes` asks for.
 */
export class ChunkFrames {
  readonly #out: ByteWriter;
  readonly #maxBytes: number;
  readonly #labels = new WireWriter();
  readonly #message = new WireWriter(64 * 1024);

  constructor(out: ByteWriter, maxBytes: number) {
    this.#out = out;
    this.#maxBytes = maxBytes;
  }

  /** @param query number of the query that the series answers */
  write(pairs: readonly string[], chunks: EncodedChunks, query: number): void {
    const room = this.#writeLabels(pairs);
    for (let from = 0; from < chunks.count;) from = this.#frame(chunks, from, room, query);
  }

  /** Answers how many bytes a frame has for chunks. */
  #writeLabels(pairs: readonly string[]): number {
    const labels = this.#labels;
    labels.reset();
    let room = this.#maxBytes;
    for (let i = 0; i < pairs.length; i += 2) {
      const before = labels.length;
      labels.message(1, () => {
        labels.string(1, pairs[i]!);
        labels.string(2, pairs[i + 1]!);
      });
      room -= contentBytes(labels.length - before);
    }
    return room;
  }

  /** One frame of the chunks from number `from` on, the last of which may be beyond the limit. Answers the number behind them. */
  #frame(chunks: EncodedChunks, from: number, room: number, query: number): number {
    const message = this.#message;
    let next = from;
    message.reset();
    message.message(1, () => {
      message.raw(this.#labels.written);
      do {
        const before = message.length;
        message.message(2, () => this.#chunk(chunks, next));
        room -= contentBytes(message.length - before);
        next++;
      } while (room > 0 && next < chunks.count);
    });
    if (query > 0) message.uint64(2, query);
    const { written } = message;
    const out = this.#out;
    out.uvarint(written.length);
    out.u32(crc32c(written));
    out.put(written);
    return next;
  }

  #chunk({ minTime, maxTime, encoding, bytes, start, end }: EncodedChunks, i: number): void {
    const message = this.#message;
    if (minTime[i] !== 0) message.int64(1, minTime[i]!);
    if (maxTime[i] !== 0) message.int64(2, maxTime[i]!);
    message.uint64(3, encoding[i]!);
    message.bytes(4, bytes.subarray(start[i], end[i]));
  }
}

/** Bytes of a message, of a field of so many bytes that it fills. */
function contentBytes(field: number): number {
  const rest = field - 1;
  for (let width = 1; ; width++) if (uvarintSize(rest - width) === width) return rest - width;
}
