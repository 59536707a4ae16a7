import type { Readable } from "node:stream";
import type { ServerResponse } from "node:http";

/** The pieces of an answer that were passed to the stream but have not left completely. */
export class SentPieces {
  readonly #response: ServerResponse;
  readonly #reuse: (piece: Uint8Array) => void;
  /** The pieces in order, the oldest first. */
  readonly #pieces: Uint8Array[] = [];
  #bytes = 0;

  /**
   * @param response response to which the stream writes
   * @param reuse called with each piece that has left
   */
  constructor(response: ServerResponse, reuse: (piece: Uint8Array) => void) {
    this.#response = response;
    this.#reuse = reuse;
  }

  /** Adds a piece that was passed to the stream. */
  add(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
  }

  /**
   * Calls `reuse` for the pieces that have left. Bytes leave in order, so those that have not left are in the buffers
   * of the stream, the response and its socket. The socket counts a write until it is done. Must be called in a
   * separate turn of the event loop, not while the stream passes a piece on.
   */
  reuseLeft({ readableLength }: Readable): void {
    const { destroyed, writableLength } = this.#response;
    if (destroyed) return;
    // The lengths include frames of the transfer encoding, so one piece may be kept longer than needed.
    const held = readableLength + writableLength;
    for (let first = this.#pieces[0]; first !== undefined; first = this.#pieces[0]) {
      if (this.#bytes - first.length < held) return;
      this.#bytes -= first.length;
      this.#pieces.shift();
      this.#reuse(first);
    }
  }
}
