import type { Readable } from "node:stream";
import type { ServerResponse } from "node:http";

/** Chunks of a response that are not yet completely sent to the client. */
export class SentPieces {
  readonly #response: ServerResponse;
  readonly #reuse: (piece: Uint8Array) => void;
  readonly #pieces: Uint8Array[] = [];
  #bytes = 0;

  /**
   * @param response response to which the stream writes
   * @param reuse called with each chunk that was sent, whose memory can be reused
   */
  constructor(response: ServerResponse, reuse: (piece: Uint8Array) => void) {
    this.#response = response;
    this.#reuse = reuse;
  }

  add(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
  }

  /**
   * Calls `reuse` for chunks that were sent completely; the others are still in the buffers of the stream, the response
   * or the socket. Must be called in a separate event loop turn, not while the stream writes a chunk.
   */
  reuseLeft({ readableLength }: Readable): void {
    const { destroyed, writableLength } = this.#response;
    if (destroyed) return;
    // The lengths of the buffers include chunked-encoding frames, so one chunk may be kept longer than necessary.
    const held = readableLength + writableLength;
    for (let first = this.#pieces[0]; first !== undefined; first = this.#pieces[0]) {
      if (this.#bytes - first.length < held) return;
      this.#bytes -= first.length;
      this.#pieces.shift();
      this.#reuse(first);
    }
  }
}
