/**
 * Size in bytes below which pieces of a body are joined, because each Buffer needs about 300 bytes beyond its content.
 */
const SHORT_BYTES = 16 * 1024;

/** Collects the pieces of a request body. Needs memory for the bytes of the body, whatever the number of pieces. */
export class BodyPieces {
  readonly #pieces: Buffer[] = [];
  /** Buffer that joins consecutive short pieces. */
  #block: Buffer | undefined;
  #used = 0;

  get buffers(): number {
    return this.#pieces.length + (this.#block === undefined ? 0 : 1);
  }

  add(piece: Buffer): void {
    // Keeps the first piece without a copy, because most bodies have only one piece.
    if (piece.length >= SHORT_BYTES || this.buffers === 0) {
      this.#flush();
      this.#pieces.push(piece);
      return;
    }
    if (this.#used + piece.length > SHORT_BYTES) this.#flush();
    this.#block ??= Buffer.allocUnsafe(SHORT_BYTES);
    this.#used += piece.copy(this.#block, this.#used);
  }

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
