import { EMPTY_SUM, gzipPiece, type GzipSum } from "./gzip-pieces.ts";
import type { JsonBytes } from "./json-bytes.ts";
import type { PieceBuffer, PieceMemory } from "./piece-memory.ts";

/** Bytes gathered before a piece is handed over. */
export const PIECE_BYTES = 256 * 1024;
/** Shorter answers are not worth compressing. */
const LEAST_PACKED = 1024;

/** Bytes of an answer; behind the `last` ones nothing comes. */
export interface ResponsePiece {
  readonly bytes: Uint8Array<PieceBuffer>;
  readonly last: boolean;
  /** Where the bytes are a piece of a gzip file: what is to be known to close it. */
  readonly sum?: GzipSum | undefined;
}

/** How pieces of an answer are made. */
export interface PieceOptions {
  readonly gzip: boolean;
  /** Where those lie that are not compressed. */
  readonly pieceMemory: PieceMemory;
}

/** Makes pieces of what is written, compressed if `gzip` says so and the answer is long enough. */
export class PieceWriter {
  readonly #gzip: boolean;
  readonly #memory: PieceMemory;
  #sum: GzipSum | undefined;

  constructor({ gzip, pieceMemory }: PieceOptions) {
    this.#gzip = gzip;
    this.#memory = pieceMemory;
  }

  /** What was written so far as a piece; `out` goes on empty. */
  cut(out: JsonBytes, last: boolean): ResponsePiece {
    if (!this.#gzip || (last && this.#sum === undefined && out.length < LEAST_PACKED)) {
      const bytes = this.#memory.copy(out.written());
      out.clear();
      return { bytes, last };
    }
    const piece = gzipPiece(out.written(), this.#sum ?? EMPTY_SUM);
    this.#sum = piece.sum;
    out.clear();
    return { ...piece, last };
  }
}
