import { crc32c, MAX_VARINT_BYTES, writeUvarint, writeVarint } from "@narthex/bytes";
import { DIRECT_BYTES, type Files } from "../files.ts";

const BUFFER_BYTES = 1 << 18;
const WASM_PAGE_BYTES = 1 << 16;

/**
 * Allocates memory that begins at a page boundary, which direct writes require. WebAssembly memory is the only memory
 * of the engine with this alignment.
 */
function alignedBuffer(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new WebAssembly.Memory({ initial: BUFFER_BYTES / WASM_PAGE_BYTES }).buffer);
}

const MAX_SECTION_BYTES = 2 ** 32 - 1;

/** Error that a part of a block would be larger than the format allows. */
export class BlockTooLarge extends Error {
  override readonly name = "BlockTooLarge";

  constructor(path: string, part: string, most: number) {
    const remedy =
      "restart with shorter blocks, which have fewer series: set --storage.tsdb.max-block-duration for merged blocks, " +
      "--storage.tsdb.min-block-duration for blocks of the head";
    super(`${path}: ${part}, the format of blocks allows ${most}: ${remedy}`);
  }
}

/** Writes big-endian fields to a new file, through a buffer, and computes running checksums. */
export class FileSink {
  readonly path: string;
  readonly #files: Files;
  readonly #file: number;
  readonly #isDirect: boolean;
  readonly #buffer: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  #length = 0;
  #flushed = 0;
  /** Index of the first buffered byte that the running checksum does not cover yet; -1 if no checksum is running. */
  #checkFrom = -1;
  #checksum = 0;

  /**
   * @param isDirect whether writes bypass the system's page cache; after sync() such a file cannot be written any more
   */
  constructor(path: string, files: Files, isDirect = false) {
    this.path = path;
    this.#files = files;
    this.#isDirect = isDirect;
    this.#buffer = isDirect ? alignedBuffer() : new Uint8Array(BUFFER_BYTES);
    this.#view = new DataView(this.#buffer.buffer);
    this.#file = files.open(path, isDirect ? "direct" : "w");
  }

  /** Number of written bytes, which is the offset of the next byte. */
  get position(): number {
    return this.#flushed + this.#length;
  }

  u8(value: number): void {
    this.#room(1);
    this.#buffer[this.#length++] = value;
  }

  u32(value: number): void {
    this.#room(4);
    this.#view.setUint32(this.#length, value);
    this.#length += 4;
  }

  /** Writes the length of a section as u32. Throws RangeError if the length does not fit into 32 bits. */
  sectionLength(bytes: number, section: string): void {
    if (bytes > MAX_SECTION_BYTES)
      throw new BlockTooLarge(this.path, `${section} takes ${bytes} bytes`, MAX_SECTION_BYTES);
    this.u32(bytes);
  }

  /** Writes a whole number in [0, 2^53) as an unsigned 64-bit field. */
  u64(value: number): void {
    this.u32(Math.floor(value / 2 ** 32));
    this.u32(value % 2 ** 32);
  }

  uvarint(value: number): void {
    this.#room(MAX_VARINT_BYTES);
    this.#length = writeUvarint(this.#buffer, this.#length, value);
  }

  varint(value: number): void {
    this.#room(MAX_VARINT_BYTES);
    this.#length = writeVarint(this.#buffer, this.#length, value);
  }

  /** Writes bytes[start, end). */
  put(bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    while (start < end) {
      this.#room(1);
      const count = Math.min(end - start, BUFFER_BYTES - this.#length);
      this.#buffer.set(bytes.subarray(start, start + count), this.#length);
      this.#length += count;
      start += count;
    }
  }

  putWords(words: Uint32Array, start = 0, end: number = words.length): void {
    for (let i = start; i < end; i++) this.u32(words[i]!);
  }

  /** Writes zeros until the position is a multiple of `multiple`. */
  pad(multiple: number): void {
    while (this.position % multiple !== 0) this.u8(0);
  }

  /** Starts a new running checksum, which writeChecksum() writes. */
  startChecksum(): void {
    this.#checkFrom = this.#length;
    this.#checksum = 0;
  }

  writeChecksum(): void {
    this.#sumUp();
    this.#checkFrom = -1;
    this.u32(this.#checksum);
  }

  /** The running checksum of the flushed bytes. */
  get checksum(): number {
    return this.#checksum;
  }

  /** Writes the buffer to the file; with direct writes only its whole pages. */
  flush(): void {
    if (this.#checkFrom >= 0) this.#sumUp();
    const count = this.#isDirect ? this.#length - (this.#length % DIRECT_BYTES) : this.#length;
    this.#write(this.#file, 0, count);
    this.#buffer.copyWithin(0, count, this.#length);
    this.#flushed += count;
    this.#length -= count;
    if (this.#checkFrom >= 0) this.#checkFrom = this.#length;
  }

  /** Flushes the buffer and syncs the file to the disk. */
  sync(): void {
    this.flush();
    if (this.#length > 0) this.#writeRest();
    this.#files.syncNow(this.#file);
  }

  /**
   * Writes the last bytes of a file with direct writes through the page cache, because direct writes need whole pages.
   */
  #writeRest(): void {
    const file = this.#files.open(this.path, "a");
    try {
      this.#write(file, 0, this.#length);
    } finally {
      this.#files.close(file);
    }
    this.#flushed += this.#length;
    this.#length = 0;
  }

  #write(file: number, start: number, end: number): void {
    for (let at = start; at < end;) at += this.#files.write(file, this.#buffer.subarray(at, end));
  }

  /** Closes the file. Bytes that were not flushed are lost. */
  close(): void {
    this.#files.close(this.#file);
  }

  #room(count: number): void {
    if (this.#length + count > BUFFER_BYTES) this.flush();
  }

  #sumUp(): void {
    this.#checksum = crc32c(this.#buffer, this.#checkFrom, this.#length, this.#checksum);
    this.#checkFrom = this.#length;
  }
}
