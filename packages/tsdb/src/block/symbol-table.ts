import { uvarintSize } from "@narthex/bytes";
import type { Steps } from "@narthex/runtime";
import { checkedSection, scanSection } from "./index-section.ts";
import type { PagedFile } from "./page-cache.ts";

/** Sampling interval: the position of every 32nd symbol is kept in memory. */
const SAMPLE = 32;
/** Number of symbols that are read in one step, between two yields to other work. */
const STEP = 16_384;

/** The part of a symbol table that is kept in memory. The object can be posted to another thread. */
export interface SymbolTableImage {
  readonly count: number;
  readonly byOffset: boolean;
  readonly end: number;
  readonly places: Float64Array<ArrayBuffer>;
}

/**
 * The symbol table of an index, which finds label names and values by their numbers. Only the positions of every 32nd
 * symbol are in memory.
 */
export class SymbolTable {
  readonly count: number;
  readonly #file: PagedFile;
  /** Whether a symbol's number is its offset in the file, as in index version 1. */
  readonly #byOffset: boolean;
  readonly #end: number;
  readonly #places: Float64Array;
  readonly image: SymbolTableImage;
  /**
   * Number of the symbol that was found last. The next search starts at this symbol, because series and their symbols
   * are usually read in order.
   */
  #lastId = 0;
  #lastPlace = 0;
  /** Offset of the text that #find() found last, in the file's view. `#length` is its length. */
  #start = 0;
  #length = 0;

  /** @param image the part of the table that is kept in memory, read on this or another thread */
  constructor(file: PagedFile, image: SymbolTableImage) {
    this.#file = file;
    this.image = image;
    this.#byOffset = image.byOffset;
    this.#end = image.end;
    this.count = image.count;
    this.#places = image.places;
  }

  /** Reads the table's section at an offset. `byOffset` means that symbol numbers are offsets. Throws BlockError. */
  static *read(file: PagedFile, offset: number, byOffset: boolean): Steps<SymbolTable> {
    const section = yield* checkedSection(file, offset);
    const scan = scanSection(file, section);
    if (scan.rest < 4) file.fail(offset, "the symbol table has no count");
    scan.need(4);
    const count = scan.bytes.readUInt32BE(scan.at);
    scan.at += 4;
    // Each symbol takes at least one byte for its length, so a larger count is invalid.
    if (count > scan.rest) file.fail(offset + 4, `${count} symbols do not fit into ${scan.rest} bytes`);
    const places = new Float64Array(Math.ceil(count / SAMPLE));
    for (let id = 0; id < count; id++) {
      if (id % SAMPLE === 0) places[id / SAMPLE] = scan.position;
      const { position } = scan;
      const length = scan.uvarint();
      if (length > scan.rest) file.fail(position, `a symbol of ${length} bytes does not fit into its table`);
      scan.need(length);
      scan.at += length;
      if (id % STEP === STEP - 1) yield;
    }
    return new SymbolTable(file, { count, byOffset, end: section.end, places });
  }

  text(id: number): string {
    this.#find(id);
    return this.#file.bytes.toString("utf8", this.#start, this.#start + this.#length);
  }

  /** Returns a symbol's text as UTF-8. The view is valid until the next call. */
  bytes(id: number): Uint8Array {
    this.#find(id);
    return this.#file.bytes.subarray(this.#start, this.#start + this.#length);
  }

  /** The numbers of all symbols, in the order of their texts. */
  ids(): Uint32Array {
    if (!this.#byOffset) return Uint32Array.from({ length: this.count }, (_, id) => id);
    const ids = new Uint32Array(this.count);
    const texts = new Map<number, Buffer>();
    let place = this.#places[0] ?? 0;
    for (let i = 0; i < this.count; i++) {
      ids[i] = place;
      const text = Buffer.from(this.bytes(place));
      texts.set(place, text);
      place += uvarintSize(text.length) + text.length;
    }
    return ids.sort((a, b) => Buffer.compare(texts.get(a)!, texts.get(b)!));
  }

  #find(id: number): void {
    const file = this.#file;
    if (this.#byOffset ? id >= this.#end : id >= this.count) file.fail(0, `the table has no symbol ${id}`);
    let place = this.#byOffset ? id : this.#places[Math.floor(id / SAMPLE)]!;
    let skip = this.#byOffset ? 0 : id % SAMPLE;
    if (id >= this.#lastId && id - this.#lastId < skip) {
      skip = id - this.#lastId;
      place = this.#lastPlace;
    }
    for (; ; skip--) {
      file.viewUpTo(place, 10);
      this.#readLength();
      const start = place + this.#start - file.at;
      if (skip === 0) {
        const length = this.#length;
        file.view(start, length);
        this.#start = file.at;
        this.#lastId = id;
        this.#lastPlace = place;
        return;
      }
      place = start + this.#length;
    }
  }

  #readLength(): void {
    const { bytes, at } = this.#file;
    let length = 0;
    let next = at;
    for (let scale = 1, byte = 128; byte >= 128; scale *= 128) {
      byte = bytes[next++] ?? 0;
      length += (byte & 127) * scale;
    }
    this.#length = length;
    this.#start = next;
  }
}
