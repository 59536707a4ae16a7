import { crc32c } from "@narthex/bytes";
import type { Steps } from "@narthex/runtime";
import { mustEqual } from "./index-section.ts";
import { INDEX_HEADER_BYTES, INDEX_MAGIC, SERIES_ALIGNMENT, TOC_BYTES } from "./index-format.ts";
import type { Guard, PagedFile } from "./page-cache.ts";
import { PostingsTable, type PostingsTableImage } from "./postings-table.ts";
import type { SeriesEntry } from "./series-entry.ts";
import { SymbolTable, type SymbolTableImage } from "./symbol-table.ts";

/** Largest postings list, in bytes, that is read through the page cache. */
const MAX_CACHED_LIST_BYTES = 8192;
/** Maximum number of bytes of the varint at the start of a series entry. The varint is the length of the entry. */
const MAX_LENGTH_BYTES = 10;

/** The part of an open index that is kept in memory. The object can be posted to another thread. */
export interface IndexImage {
  readonly alignment: number;
  /** Size of the index file, bytes. */
  readonly size: number;
  readonly guards: readonly Guard[];
  readonly symbols: SymbolTableImage;
  readonly table: PostingsTableImage;
}

/** Reads the index file of a block, versions 1 to 3. All methods throw BlockError. */
export class IndexReader {
  readonly file: PagedFile;
  readonly symbols: SymbolTable;
  readonly table: PostingsTable;
  readonly #alignment: number;

  private constructor(file: PagedFile, alignment: number, symbols: SymbolTable, table: PostingsTable) {
    this.file = file;
    this.#alignment = alignment;
    this.symbols = symbols;
    this.table = table;
  }

  /** Reads the parts of an index that are kept in memory. */
  static *read(file: PagedFile): Steps<IndexReader> {
    if (file.size < INDEX_HEADER_BYTES + TOC_BYTES) file.fail(0, `an index of ${file.size} bytes is too short`);
    file.view(0, INDEX_HEADER_BYTES);
    const magic = file.bytes.readUInt32BE(file.at);
    if (magic !== INDEX_MAGIC) file.fail(0, `invalid magic number ${magic.toString(16)}`);
    const version = file.bytes[file.at + 4]!;
    if (version < 1 || version > 3) file.fail(4, `unknown index file version ${version}`);
    const toc = readToc(file);
    const symbols = yield* SymbolTable.read(file, toc.symbols, version === 1);
    const table = yield* PostingsTable.read(file, toc.postingsTable, version > 1);
    return new IndexReader(file, version === 1 ? 1 : SERIES_ALIGNMENT, symbols, table);
  }

  /**
   * Creates the reader of an index from an image, which may come from another thread. The file must have been opened
   * with the guards (checked page sums) of the image. Throws BlockError if the file has changed.
   */
  static from(file: PagedFile, { alignment, size, symbols, table }: IndexImage): IndexReader {
    if (file.size !== size) file.fail(0, `the size of the file changed from ${size} to ${file.size} bytes`);
    return new IndexReader(file, alignment, new SymbolTable(file, symbols), new PostingsTable(file, table));
  }

  get image(): IndexImage {
    const { file, symbols, table } = this;
    return {
      alignment: this.#alignment,
      size: file.size,
      guards: file.guards,
      symbols: symbols.image,
      table: table.image,
    };
  }

  /**
   * Returns the ascending references of the series with a label. An empty name and an empty value select all series.
   */
  postings(name: string, value: string): Uint32Array {
    const offset = this.table.find(name, value);
    return offset < 0 ? new Uint32Array(0) : this.list(offset);
  }

  /** Number of series in the list that postings() returns. */
  postingsCount(name: string, value: string): number {
    const offset = this.table.find(name, value);
    return offset < 0 ? 0 : this.#listCount(offset);
  }

  #listCount(offset: number): number {
    this.file.view(offset + 4, 4);
    return this.file.bytes.readUInt32BE(this.file.at);
  }

  /**
   * Returns the reference of the last series, or undefined if the block has no series. The last series has the last
   * chunks of the block.
   */
  lastSeries(): number | undefined {
    const offset = this.table.find("", "");
    if (offset < 0) return undefined;
    const count = this.#listCount(offset);
    if (count === 0) return undefined;
    this.file.view(offset + 4 + 4 * count, 4);
    return this.file.bytes.readUInt32BE(this.file.at);
  }

  /** Reads the postings list at an offset of the file. Its format is `len u32 | n u32 | n × u32 | crc u32`. */
  list(offset: number): Uint32Array {
    const { file } = this;
    file.view(offset, 8);
    const length = file.bytes.readUInt32BE(file.at);
    const count = file.bytes.readUInt32BE(file.at + 4);
    if (length !== 4 + 4 * count) file.fail(offset, `a list of ${count} series cannot have ${length} bytes`);
    let { bytes, at } = file;
    if (length <= MAX_CACHED_LIST_BYTES) {
      file.view(offset + 4, length + 4);
      ({ bytes, at } = file);
    } else {
      if (offset + 8 + length > file.size) file.fail(offset, `a list of ${length} bytes does not fit into the file`);
      bytes = Buffer.allocUnsafeSlow(length + 4);
      at = 0;
      file.readInto(bytes, offset + 4);
    }
    mustEqual(file, offset + 4 + length, bytes.readUInt32BE(at + length), crc32c(bytes, at, at + length));
    const refs = new Uint32Array(count);
    for (let i = 0, from = at + 4; i < count; i++, from += 4) {
      refs[i] = (bytes[from]! << 24) | (bytes[from + 1]! << 16) | (bytes[from + 2]! << 8) | bytes[from + 3]!;
    }
    return refs;
  }

  /** Reads the labels of a series, as symbol numbers, and its chunks unless `withChunks` is false. */
  series(ref: number, into: SeriesEntry, withChunks = true): void {
    const { file } = this;
    const offset = ref * this.#alignment;
    file.viewUpTo(offset, MAX_LENGTH_BYTES);
    const length = readUvarint(file.bytes, file.at, file.at + MAX_LENGTH_BYTES);
    const start = offset + uvarintEnd - file.at;
    file.view(start, length + 4);
    const { bytes, at } = file;
    const end = at + length;
    mustEqual(file, start + length, bytes.readUInt32BE(end), crc32c(bytes, at, end));
    if (!decodeLabels(bytes, at, end, into) || (withChunks && !decodeChunks(bytes, uvarintEnd, end, into)))
      file.fail(offset, "a series entry ends early");
  }
}

interface Toc {
  readonly symbols: number;
  readonly postingsTable: number;
}

function readToc(file: PagedFile): Toc {
  const offset = file.size - TOC_BYTES;
  file.view(offset, TOC_BYTES);
  const { bytes, at } = file;
  mustEqual(file, offset + TOC_BYTES - 4, bytes.readUInt32BE(at + 48), crc32c(bytes, at, at + 48));
  const section = (index: number): number =>
    bytes.readUInt32BE(at + index * 8) * 2 ** 32 + bytes.readUInt32BE(at + index * 8 + 4);
  return { symbols: section(0), postingsTable: section(5) };
}

/** Position after the varint that the last call of readUvarint() read. */
let uvarintEnd = 0;

/** Reads a varint that ends before `end`; missing bytes are read as zeros. */
function readUvarint(bytes: Uint8Array, at: number, end: number): number {
  let byte = bytes[at++]!;
  let value = byte & 127;
  for (let scale = 128; byte >= 128 && at < end; scale *= 128) {
    byte = bytes[at++]!;
    value += (byte & 127) * scale;
  }
  uvarintEnd = at;
  return value;
}

const unzigzag = (value: number): number => (value % 2 === 0 ? value / 2 : -(value + 1) / 2);

/** Decodes the labels of a series' entry. Returns false if the entry is shorter than the number of labels requires. */
function decodeLabels(bytes: Uint8Array, at: number, end: number, into: SeriesEntry): boolean {
  const labelCount = readUvarint(bytes, at, end);
  if (labelCount * 2 > end - uvarintEnd) return false;
  into.reserveLabels(labelCount);
  into.labelCount = labelCount;
  for (let i = 0; i < labelCount * 2; i++) into.labels[i] = readUvarint(bytes, uvarintEnd, end);
  into.chunkCount = 0;
  return true;
}

/** Decodes the chunks, which follow the labels. Returns false if the entry is shorter than their number requires. */
function decodeChunks(bytes: Uint8Array, at: number, end: number, into: SeriesEntry): boolean {
  const chunkCount = readUvarint(bytes, at, end);
  if (chunkCount * 3 > end - uvarintEnd) return false;
  into.reserveChunks(chunkCount);
  into.chunkCount = chunkCount;
  if (chunkCount === 0) return true;
  let maxTime = 0;
  let ref = 0;
  for (let i = 0; i < chunkCount; i++) {
    const first = readUvarint(bytes, uvarintEnd, end);
    const minTime = i === 0 ? unzigzag(first) : maxTime + first;
    maxTime = minTime + readUvarint(bytes, uvarintEnd, end);
    const step = readUvarint(bytes, uvarintEnd, end);
    ref = i === 0 ? step : ref + unzigzag(step);
    into.chunkMinTime[i] = minTime;
    into.chunkMaxTime[i] = maxTime;
    into.chunkRef[i] = ref;
  }
  return true;
}
