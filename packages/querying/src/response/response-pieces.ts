import { EMPTY_SUM, gzipPiece, type GzipSum } from "./gzip-pieces.ts";
import type { JsonBytes } from "./json-bytes.ts";
import type { PieceBuffer, PieceMemory } from "./piece-memory.ts";

/** Size that a piece must have before it is sent, bytes. */
export const PIECE_BYTES = 256 * 1024;
/** Size below which an answer is not compressed, bytes. */
const MIN_PACKED = 1024;

/** Bytes of an answer; `last` marks the final piece. */
export interface ResponsePiece {
  readonly bytes: Uint8Array<PieceBuffer>;
  readonly last: boolean;
  /** For a piece of a gzip file, the values that the trailer needs. */
  readonly sum?: GzipSum | undefined;
}

/** Options for the pieces of an answer. */
export interface PieceOptions {
  readonly gzip: boolean;
  /** Memory for pieces that are not compressed. */
  readonly pieceMemory: PieceMemory;
}

/** Makes pieces of written bytes. The pieces are compressed if `gzip` is set and the answer is long enough. */
export class PieceWriter {
  readonly #gzip: boolean;
  readonly #memory: PieceMemory;
  #sum: GzipSum | undefined;

  constructor({ gzip, pieceMemory }: PieceOptions) {
    this.#gzip = gzip;
    this.#memory = pieceMemory;
  }

  /** Returns the bytes written so far as a piece, and empties `out`. */
  cut(out: JsonBytes, last: boolean): ResponsePiece {
    if (!this.#gzip || (last && this.#sum === undefined && out.length < MIN_PACKED)) {
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
