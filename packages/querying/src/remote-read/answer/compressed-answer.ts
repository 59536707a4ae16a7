import { ByteWriter, SNAPPY_PART_BYTES, SnappyCompressor } from "@narthex/bytes";
import type { JobContext } from "../../evaluation/job-context.ts";
import type { PieceMemory } from "../../response/piece-memory.ts";
import { type ResponsePiece, PIECE_BYTES } from "../../response/response-pieces.ts";

/** Protobuf tag of a QueryResult in the response to a remote read. */
const RESULT_TAG = 0x0a;
/** Tag of a TimeSeries in a QueryResult. */
const SERIES_TAG = 0x0a;

/** The parts of a job that count the memory of a response and provide memory for its pieces. */
type AnswerMemory = Pick<JobContext, "charge" | "pieceMemory">;

/**
 * The response to a remote read, a protobuf message ReadResponse. The whole message is in memory, because its length is
 * sent first. The message is compressed while the reader takes it, and its memory counts until then.
 */
export class CompressedAnswer {
  readonly #charge: AnswerMemory["charge"];
  readonly #pieceMemory: PieceMemory;
  readonly #results: { length: number; readonly parts: Uint8Array[] }[] = [];
  readonly #head = new ByteWriter(16);
  /** Number of used bytes in the last part of the last result. */
  #used = SNAPPY_PART_BYTES;

  constructor({ charge, pieceMemory }: AnswerMemory) {
    this.#charge = charge;
    this.#pieceMemory = pieceMemory;
  }

  /** Starts the result of the next query. */
  beginResult(): void {
    this.#close();
    this.#results.push({ length: 0, parts: [] });
  }

  addSeries(message: Uint8Array): void {
    const head = this.#head;
    head.reset();
    head.u8(SERIES_TAG);
    head.uvarint(message.length);
    this.#put(head.written);
    this.#put(message);
  }

  /** Yields the response as pieces of a Snappy block. */
  *pieces(): Generator<ResponsePiece> {
    this.#close();
    const out = new ByteWriter(PIECE_BYTES);
    const compressor = new SnappyCompressor();
    const heads = this.#results.map(({ length }) => headOf(length));
    out.uvarint(this.#results.reduce((sum, { length }, i) => sum + length + heads[i]!.length, 0));
    for (const [i, { parts }] of this.#results.entries()) {
      out.put(compressor.compressPart(heads[i]!));
      for (const part of parts.splice(0)) {
        out.put(compressor.compressPart(part));
        this.#charge.give(SNAPPY_PART_BYTES);
        if (out.length >= PIECE_BYTES) yield taken(out, false, this.#pieceMemory);
      }
    }
    yield taken(out, true, this.#pieceMemory);
  }

  #put(bytes: Uint8Array): void {
    const { parts } = this.#results.at(-1)!;
    for (let from = 0; from < bytes.length;) {
      if (this.#used === SNAPPY_PART_BYTES) {
        this.#charge.take(SNAPPY_PART_BYTES);
        parts.push(new Uint8Array(SNAPPY_PART_BYTES));
        this.#used = 0;
      }
      const to = Math.min(bytes.length, from + SNAPPY_PART_BYTES - this.#used);
      parts.at(-1)!.set(bytes.subarray(from, to), this.#used);
      this.#used += to - from;
      from = to;
    }
    this.#results.at(-1)!.length += bytes.length;
  }

  /** Cuts off the unused end of the last memory part. */
  #close(): void {
    const parts = this.#results.at(-1)?.parts;
    if (parts !== undefined && parts.length > 0) parts.push(parts.pop()!.subarray(0, this.#used));
    this.#used = SNAPPY_PART_BYTES;
  }
}

function headOf(length: number): Uint8Array {
  const head = new ByteWriter(16);
  head.u8(RESULT_TAG);
  head.uvarint(length);
  return head.written;
}

/** Copies the written bytes to separate memory and returns them as a piece of a response. */
export function taken(out: ByteWriter, last: boolean, memory: PieceMemory): ResponsePiece {
  const bytes = memory.copy(out.written);
  out.reset();
  return { bytes, last };
}
