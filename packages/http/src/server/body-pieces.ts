/**
 * Size in bytes below which received pieces are joined, because each Buffer costs about 300 bytes in addition to its
 * content.
 */
const SHORT_BYTES = 16 * 1024;

/**
 * Collects a request body that is being received. Its memory grows with its bytes, not with the number of its pieces.
 */
export class BodyPieces {
  readonly #pieces: Buffer[] = [];
  /** Buffer that joins the short pieces since the last long one. */
  #block: Buffer | undefined;
  #used = 0;

  /** Number of held buffers. */
  get buffers(): number {
    return this.#pieces.length + (this.#block === undefined ? 0 : 1);
  }

  add(piece: Buffer): void {
    // Most bodies have one piece, which is not copied.
    if (piece.length >= SHORT_BYTES || this.buffers === 0) {
      this.#flush();
      this.#pieces.push(piece);
      return;
    }
    if (this.#used + piece.length > SHORT_BYTES) this.#flush();
    this.#block ??= Buffer.allocUnsafe(SHORT_BYTES);
    this.#used += piece.copy(this.#block, this.#used);
  }

  /** Returns all bytes in the order of their arrival. */
  whole(): Buffer {
    this.#flush();
    return this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces);
  }

  #flush(): void {
    if (this.#block === undefined || this.#used === 0) return;
    this.#pieces.push(Buffer.from(this.#block.subarray(0, this.#used)));
    this.#used = 0;
  }
}
