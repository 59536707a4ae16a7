/** A body's bytes, read once from its start. */
export interface BodySource {
  /**
   * Puts bytes into[from, to); how many. Fewer than there is room for only at the body's end. Throws ScrapeError where the
   * body is at fault.
   */
  read(into: Buffer, from: number, to: number): number;
  /** Gives up what it works with. */
  close(): void;
}

/** A body that is there as pieces of memory. */
export class PieceSource implements BodySource {
  readonly #pieces: readonly Uint8Array[];
  #piece = 0;
  /** Within it. */
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
