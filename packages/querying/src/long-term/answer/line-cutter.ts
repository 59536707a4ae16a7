import { HeldBytes, JsonProblem } from "@narthex/http/answer";

const NEWLINE = 0x0a;

/** Splits a stream of bytes into lines. Omits empty lines. */
export class LineCutter {
  readonly #held: HeldBytes;

  constructor(take: (bytes: number) => void) {
    this.#held = new HeldBytes(take);
  }

  /** Adds bytes of the stream. Yields the lines that end within the added bytes. */
  *push(piece: Uint8Array): Generator<Uint8Array> {
    let from = 0;
    for (let at = piece.indexOf(NEWLINE); at >= 0; at = piece.indexOf(NEWLINE, from)) {
      const line = this.#held.with(piece.subarray(from, at));
      from = at + 1;
      if (line.length > 0) yield line;
    }
    this.#held.add(piece.subarray(from));
  }

  /** Throws if the stream has ended in the middle of a line. */
  end(): void {
    if (this.#held.size > 0) throw new JsonProblem("the answer ends in the middle of a line");
  }
}
