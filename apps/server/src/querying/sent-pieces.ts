import type { Readable } from "node:stream";
import type { ServerResponse } from "node:http";

/** Pieces of an answer that the stream has accepted and whose last byte has not left yet. */
export class SentPieces {
  readonly #response: ServerResponse;
  readonly #reuse: (piece: Uint8Array) => void;
  /** Pieces, the oldest first. */
  readonly #pieces: Uint8Array[] = [];
  #bytes = 0;

  /** @param reuse called for each piece that has left */
  constructor(response: ServerResponse, reuse: (piece: Uint8Array) => void) {
    this.#response = response;
    this.#reuse = reuse;
  }

  /** Adds a piece that the stream has accepted. */
  add(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
  }

  /**
   * Releases the pieces that have left. Bytes leave in order: the last ones are in the stream, the response and its
   * socket. The socket counts a write until it is done. Must be called in a separate turn of the event loop, not while
   * the stream passes a piece on.
   */
  reuseLeft({ readableLength }: Readable): void {
    const { destroyed, writableLength } = this.#response;
    if (destroyed) return;
    // This includes frames of the transfer encoding, so one piece too many may be kept.
    const held = readableLength + writableLength;
    for (let first = this.#pieces[0]; first !== undefined; first = this.#pieces[0]) {
      if (this.#bytes - first.length < held) return;
      this.#bytes -= first.length;
      this.#pieces.shift();
      this.#reuse(first);
    }
  }
}
