import { Readable } from "node:stream";
import type { FastifyReply } from "fastify";

/** Number of bytes that are sent in one turn of the event loop. TLS encrypts them in a few milliseconds. */
const PIECE_BYTES = 2 * 1024 * 1024;

/** A whole answer that is sent in pieces, one piece per turn of the event loop. */
export class AnswerPieces extends Readable {
  readonly bytes: number;
  #rest: Uint8Array;

  constructor(body: Uint8Array) {
    super({ highWaterMark: PIECE_BYTES });
    this.bytes = body.length;
    this.#rest = body;
  }

  override _read(): void {
    setImmediate(() => {
      const piece = this.#rest.subarray(0, PIECE_BYTES);
      this.#rest = this.#rest.subarray(piece.length);
      this.push(piece);
      if (this.#rest.length === 0) this.push(null);
    });
  }
}

/** Sends a whole body. A long body is sent in pieces, so that other requests are answered between two pieces. */
export function sendInPieces(reply: FastifyReply, body: Uint8Array | string): FastifyReply {
  if (typeof body === "string" || body.length <= PIECE_BYTES) return reply.send(body);
  return reply.header("content-length", body.length).send(new AnswerPieces(body));
}
