import type { Readable } from "node:stream";
import type { ServerResponse } from "node:http";

/** Pieces of an answer between the stream that takes them and the moment at which their last byte has left. */
export class SentPieces {
  readonly #response: ServerResponse;
  readonly #reuse: (piece: Uint8Array) => void;
  /** The oldest first. */
  readonly #pieces: Uint8Array[] = [];
  #bytes = 0;

  /** @param reuse called for each piece that has left */
  constructor(response: ServerResponse, reuse: (piece: Uint8Array) => void) {
    this.#response = response;
    this.#reuse = reuse;
  }

  /** Notes a piece that the stream has taken. */
  add(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
  }

  /**
   * Lets go of the pieces that have left. Bytes leave in their order: what the stream holds, the response and its socket
   * are the last ones, and the socket counts a write until it is done. To be called at a turn of its own, not while the
   * stream passes a piece on.
   */
  reuseLeft({ readableLength }: Readable): void {
    const { destroyed, writableLength } = this.#response;
    if (destroyed) return;
    // Frames of the transfer encoding count as well, so that one piece more is kept than need be.
    const held = readableLength + writableLength;
    for (let first = this.#pieces[0]; first !== undefined; first = this.#pieces[0]) {
      if (this.#bytes - first.length < held) return;
      this.#bytes -= first.length;
      this.#pieces.shift();
      this.#reuse(first);
    }
  }
}
