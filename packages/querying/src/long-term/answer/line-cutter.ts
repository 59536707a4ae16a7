import { JsonProblem } from "./json-cursor.ts";

const NEWLINE = 0x0a;

/** No line, and no element of an array, is held beyond this. */
export const MAX_HELD_BYTES = 64 * 1024 * 1024;

/** Collects bytes that are not whole yet. */
export class HeldBytes {
  #pieces: Uint8Array[] = [];
  #size = 0;
  #taken = 0;
  readonly #take: (bytes: number) => void;

  /** @param take takes memory for the most that is held at a time */
  constructor(take: (bytes: number) => void) {
    this.#take = take;
  }

  get size(): number {
    return this.#size;
  }

  add(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#size += bytes.length;
    if (this.#size > MAX_HELD_BYTES) throw new JsonProblem(`a value of more than ${MAX_HELD_BYTES} bytes`);
    if (this.#size > this.#taken) {
      this.#take(this.#size - this.#taken);
      this.#taken = this.#size;
    }
    this.#pieces.push(bytes);
  }

  /** All that is held, with `last` behind it; holds nothing from then on. */
  with(last: Uint8Array): Uint8Array {
    if (this.#size === 0) return last;
    const all = Buffer.concat([...this.#pieces, last]);
    this.#pieces = [];
    this.#size = 0;
    return all;
  }
}

/** Cuts a stream into lines; empty ones are left out. */
export class LineCutter {
  readonly #held: HeldBytes;

  constructor(take: (bytes: number) => void) {
    this.#held = new HeldBytes(take);
  }

  /** The lines that are whole with these bytes. */
  *push(piece: Uint8Array): Generator<Uint8Array> {
    let from = 0;
    for (let at = piece.indexOf(NEWLINE); at >= 0; at = piece.indexOf(NEWLINE, from)) {
      const line = this.#held.with(piece.subarray(from, at));
      from = at + 1;
      if (line.length > 0) yield line;
    }
    this.#held.add(piece.subarray(from));
  }

  /** Throws where the stream ends within a line. */
  end(): void {
    if (this.#held.size > 0) throw new JsonProblem("the answer ends in the middle of a line");
  }
}
