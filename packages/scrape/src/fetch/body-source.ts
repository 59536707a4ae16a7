/** Yields the bytes of a scraped body once, from its start. */
export interface BodySource {
  /**
   * Writes the next bytes of the body to into[from, to). Returns the number of written bytes, which is less than `to -
   * from` only at the end of the body. Throws ScrapeError if the body is invalid.
   */
  read(into: Buffer, from: number, to: number): number;
  close(): void;
}

export class PieceSource implements BodySource {
  readonly #pieces: readonly Uint8Array[];
  #piece = 0;
  /** Offset of the next byte within the current piece. */
  #at = 0;

  constructor(pieces: readonly Uint8Array[]) {
    this.#pieces = pieces;
  }

  read(into: Buffer, from: number, to: number): number {
    let filled = from;
    while (filled < to && this.#piece < this.#pieces.length) {
      const piece = this.#pieces[this.#piece]!;
      const end = Math.min(piece.length, this.#at + to - filled);
      into.set(piece.subarray(this.#at, end), filled);
      filled += end - this.#at;
      this.#at = end;
      if (end < piece.length) continue;
      this.#piece++;
      this.#at = 0;
    }
    return filled - from;
  }

  close(): void {
    this.#piece = this.#pieces.length;
  }
}
