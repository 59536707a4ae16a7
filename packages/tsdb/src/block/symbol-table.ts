import { checkedSection, scanSection } from "./index-section.ts";
import type { PagedFile } from "./page-cache.ts";

/** Every so many symbols one is remembered by its place. */
const SAMPLE = 32;

/** Texts of an index by number; only a sample of their places is in memory. */
export class SymbolTable {
  readonly count: number;
  readonly #file: PagedFile;
  /** In version 1 a number is an offset in the file. */
  readonly #byOffset: boolean;
  readonly #end: number;
  readonly #places: Float64Array;
  /** What the last #find() found, in the file's view. */
  #start = 0;
  #length = 0;

  constructor(file: PagedFile, offset: number, byOffset: boolean) {
    this.#file = file;
    this.#byOffset = byOffset;
    const section = checkedSection(file, offset);
    this.#end = section.end;
    const scan = scanSection(file, section);
    if (scan.rest < 4) file.fail(offset, "the symbol table has no count");
    scan.need(4);
    this.count = scan.bytes.readUInt32BE(scan.at);
    scan.at += 4;
    // A symbol takes at least the byte of its length.
    if (this.count > scan.rest) file.fail(offset + 4, `${this.count} symbols in ${scan.rest} bytes`);
    this.#places = new Float64Array(Math.ceil(this.count / SAMPLE));
    for (let id = 0; id < this.count; id++) {
      if (id % SAMPLE === 0) this.#places[id / SAMPLE] = scan.position;
      const { position } = scan;
      const length = scan.uvarint();
      if (length > scan.rest) file.fail(position, `a symbol of ${length} bytes does not fit into its table`);
      scan.need(length);
      scan.at += length;
    }
  }

  text(id: number): string {
    this.#find(id);
    return this.#file.bytes.toString("utf8", this.#start, this.#start + this.#length);
  }

  /** UTF-8, as a view that is good until the next call. */
  bytes(id: number): Uint8Array {
    this.#find(id);
    return this.#file.bytes.subarray(this.#start, this.#start + this.#length);
  }

  #find(id: number): void {
    const file = this.#file;
    if (this.#byOffset ? id >= this.#end : id >= this.count) file.fail(0, `no symbol ${id}`);
    let place = this.#byOffset ? id : this.#places[Math.floor(id / SAMPLE)]!;
    for (let skip = this.#byOffset ? 0 : id % SAMPLE; ; skip--) {
      file.viewUpTo(place, 10);
      this.#readLength();
      const start = place + this.#start - file.at;
      if (skip === 0) {
        const length = this.#length;
        file.view(start, length);
        this.#start = file.at;
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
