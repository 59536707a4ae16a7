import { ByteSlabs } from "./byte-slabs.ts";

const encoder = new TextEncoder();

/** Stores texts as bytes and gives each text a number. The number of an unused text is reused for a new text. */
export class SymbolTable {
  readonly #ids = new Map<string, number>();
  #texts: (string | undefined)[] = [];
  #slabs = new ByteSlabs();
  #places = new Float64Array(1024);
  #sizes = new Int32Array(1024);
  #free: number[] = [];

  /** Upper limit of the numbers of texts, exclusive. */
  get limit(): number {
    return this.#texts.length;
  }

  /** Adds a text if it is new. Returns the number of the text. */
  add(text: string): number {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    const id = this.#free.pop() ?? this.#texts.length;
    if (id === this.#sizes.length) {
      const [places, sizes] = [this.#places, this.#sizes];
      this.#places = new Float64Array(id * 2);
      this.#sizes = new Int32Array(id * 2);
      this.#places.set(places);
      this.#sizes.set(sizes);
    }
    const bytes = encoder.encode(text);
    this.#places[id] = this.#slabs.add(bytes);
    this.#sizes[id] = bytes.length;
    this.#texts[id] = text;
    this.#ids.set(text, id);
    return id;
  }

  /** Returns the size of a text in bytes. */
  sizeOf(id: number): number {
    return this.#sizes[id]!;
  }

  /** Copies the bytes of a text. Returns the end of the copy. */
  copy(id: number, into: Uint8Array, at: number): number {
    const size = this.#sizes[id]!;
    into.set(this.#slabs.get(this.#places[id]!, size), at);
    return at + size;
  }

  /** Removes the texts whose numbers are not marked with 1 in `used`. */
  retain(used: Uint8Array): void {
    const old = this.#slabs;
    this.#slabs = new ByteSlabs();
    for (let id = 0; id < this.#texts.length; id++) {
      const text = this.#texts[id];
      if (text === undefined) continue;
      if (used[id] === 1) this.#places[id] = this.#slabs.add(old.get(this.#places[id]!, this.#sizes[id]!));
      else {
        this.#ids.delete(text);
        this.#texts[id] = undefined;
        this.#free.push(id);
      }
    }
  }
}
