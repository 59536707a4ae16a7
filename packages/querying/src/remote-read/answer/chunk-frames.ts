import { type ByteWriter, crc32c, joinedCrc32c, uvarintSize, WireWriter, writeUvarint } from "@narthex/bytes";
import { type EncodedChunks, NO_CHECKSUM } from "@narthex/storage";
import { int64FieldSize, writeInt64 } from "./int64-field.ts";

const SERIES_TAG = 0x0a;
const CHUNK_TAG = 0x12;
const QUERY_TAG = 0x10;
const [MIN_TIME_TAG, MAX_TIME_TAG, TYPE_TAG, DATA_TAG] = [0x08, 0x10, 0x18, 0x22];
const SUM_BYTES = 4;
/** Checksum of each single byte value. The checksum of a chunk begins with the chunk's encoding, which is one byte. */
const ENCODING_SUMS = Float64Array.from({ length: 256 }, (_, encoding) => crc32c(Uint8Array.of(encoding)));

/**
 * Writes the response to a remote read as frames. A frame has a length, a checksum and a message ChunkedReadResponse
 * with chunks of one series, and is about `maxBytes` long. Computes all sizes before it writes a message, so that bytes
 * need not be moved.
 */
export class ChunkFrames {
  readonly #out: ByteWriter;
  readonly #maxBytes: number;
  readonly #labels = new WireWriter();
  /** Size in bytes of each chunk as a protobuf message. */
  #sizes = new Uint32Array(64);

  constructor(out: ByteWriter, maxBytes: number) {
    this.#out = out;
    this.#maxBytes = maxBytes;
  }

  /** @param query index of the query in the request to which the series belongs */
  write(pairs: readonly string[], chunks: EncodedChunks, query: number): void {
    const room = this.#writeLabels(pairs);
    if (chunks.count > this.#sizes.length) this.#sizes = new Uint32Array(chunks.count * 2);
    for (let i = 0; i < chunks.count; i++) this.#sizes[i] = chunkSize(chunks, i);
    for (let from = 0; from < chunks.count;) from = this.#frame(chunks, from, room, query);
  }

  /** Encodes the labels of a series. Returns the number of bytes in each frame that remain for chunks. */
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

  /**
   * Writes one frame with the chunks from number `from` on, and returns the number of the next chunk. The last chunk of
   * a frame may exceed the size limit.
   */
  #frame(chunks: EncodedChunks, from: number, room: number, query: number): number {
    const sizes = this.#sizes;
    let series = this.#labels.length;
    let next = from;
    do {
      const size = sizes[next++]!;
      series += 1 + uvarintSize(size) + size;
      room -= size;
    } while (room > 0 && next < chunks.count);
    const message = 1 + uvarintSize(series) + series + (query > 0 ? 1 + uvarintSize(query) : 0);
    const out = this.#out;
    out.uvarint(message);
    const origin = chunks.start[from]!;
    const stretch = chunks.end[next - 1]! - origin;
    out.reserve(SUM_BYTES + message + stretch);
    const { bytes } = out;
    const begin = out.length + SUM_BYTES;
    // Copies the data of all chunks to the end of the message, and then moves each chunk to its place in the same
    // memory. This avoids a view for each chunk.
    const staged = begin + message;
    bytes.set(chunks.bytes.subarray(origin, origin + stretch), staged);
    const moved = staged - origin;
    let at = begin;
    bytes[at++] = SERIES_TAG;
    at = writeUvarint(bytes, at, series);
    bytes.set(this.#labels.written, at);
    at += this.#labels.length;
    let sum = 0;
    let summed = begin;
    for (let i = from; i < next; i++) {
      at = writeChunk(chunks, i, sizes[i]!, bytes, at, moved);
      const checksum = chunks.checksum[i]!;
      if (checksum === NO_CHECKSUM) continue;
      const length = chunks.end[i]! - chunks.start[i]!;
      // Removes the encoding from the checksum by an XOR with the encoding's own checksum. The chunk's checksum
      // includes its encoding, which is at another position in the frame.
      sum = crc32c(bytes, summed, at - length, sum) ^ ENCODING_SUMS[chunks.encoding[i]!]!;
      sum = joinedCrc32c(sum, checksum, length);
      summed = at;
    }
    if (query > 0) {
      bytes[at++] = QUERY_TAG;
      at = writeUvarint(bytes, at, query);
    }
    out.u32(crc32c(bytes, summed, at, sum));
    out.length = at;
    return next;
  }
}

function chunkSize({ minTime, maxTime, encoding, start, end }: EncodedChunks, i: number): number {
  const length = end[i]! - start[i]!;
  const times =
    (minTime[i] === 0 ? 0 : int64FieldSize(minTime[i]!)) + (maxTime[i] === 0 ? 0 : int64FieldSize(maxTime[i]!));
  return times + 1 + uvarintSize(encoding[i]!) + 1 + uvarintSize(length) + length;
}

/**
 * Writes a chunk whose data is already in `bytes`, but `moved` bytes after its final position. Returns the offset after
 * the chunk.
 */
function writeChunk(
  chunks: EncodedChunks,
  i: number,
  size: number,
  bytes: Uint8Array,
  at: number,
  moved: number,
): number {
  const [minTime, maxTime, start, end] = [chunks.minTime[i]!, chunks.maxTime[i]!, chunks.start[i]!, chunks.end[i]!];
  bytes[at++] = CHUNK_TAG;
  at = writeUvarint(bytes, at, size);
  if (minTime !== 0) at = writeInt64(bytes, at, MIN_TIME_TAG, minTime);
  if (maxTime !== 0) at = writeInt64(bytes, at, MAX_TIME_TAG, maxTime);
  bytes[at++] = TYPE_TAG;
  at = writeUvarint(bytes, at, chunks.encoding[i]!);
  bytes[at++] = DATA_TAG;
  at = writeUvarint(bytes, at, end - start);
  bytes.copyWithin(at, start + moved, end + moved);
  return at + end - start;
}

/**
 * Returns the content length of a protobuf message. `field` is the length of the whole field that contains the message.
 */
function contentBytes(field: number): number {
  const rest = field - 1;
  for (let width = 1; ; width++) if (uvarintSize(rest - width) === width) return rest - width;
}
