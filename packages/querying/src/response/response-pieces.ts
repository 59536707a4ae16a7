import { EMPTY_SUM, gzipPiece, type GzipSum } from "./gzip-pieces.ts";
import type { JsonBytes } from "./json-bytes.ts";
import type { PieceBuffer, PieceMemory } from "./piece-memory.ts";

/** Minimum size in bytes of a piece of a response, except the last one. */
export const PIECE_BYTES = 256 * 1024;
/** Size in bytes from which a response is compressed. */
const MIN_PACKED = 1024;

/** A piece of a response. `last` is true for the final piece. */
export interface ResponsePiece {
  readonly bytes: Uint8Array<PieceBuffer>;
  readonly last: boolean;
  /** Checksum and length of the whole text up to the end of a compressed piece. A gzip file ends with both numbers. */
  readonly sum?: GzipSum | undefined;
}

export interface PieceOptions {
  readonly gzip: boolean;
  /** Memory for uncompressed pieces. */
  readonly pieceMemory: PieceMemory;
}

/** Makes pieces of a response from written bytes. Compresses them if `gzip` is set and the response is long enough. */
export class PieceWriter {
  readonly #gzip: boolean;
  readonly #memory: PieceMemory;
  #sum: GzipSum | undefined;

  constructor({ gzip, pieceMemory }: PieceOptions) {
    this.#gzip = gzip;
    this.#memory = pieceMemory;
  }

  /** Returns the bytes in `out` as one piece, and empties `out`. */
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
