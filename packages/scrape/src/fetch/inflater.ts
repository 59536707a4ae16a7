import { constants, createGunzip, type Gunzip, gunzipSync } from "node:zlib";
import type { BodyBuffers } from "./body-buffers.ts";
import { MAX_BUFFERED_BYTES } from "./body-collector.ts";
import { type BodyContent, type BodyStore, WindowedContent, BufferedContent } from "./body-content.ts";
import type { BodySource } from "./body-source.ts";
import { LineLength } from "./line-length.ts";
import { BodySizeError, ScrapeError } from "./scrape-error.ts";

/** A gzip stream as the target has sent it. */
export interface GzipBody {
  readonly size: number;
  /** True if the decompressed content is probably text. */
  readonly inLines: boolean;
  open(): BodySource;
  release(): void;
}

/** Minimum length in bytes of a gzip header. */
const HEADER_BYTES = 10;

/**
 * Number of decompressed bytes between two yields to the event loop. Decompressing this number of bytes takes a
 * millisecond or two.
 */
const STEP_BYTES = 1024 * 1024;
/** Number of compressed bytes that are read at a time. */
const INPUT_BYTES = 256 * 1024;

/**
 * Number of compressed bytes that a piece of content may need in addition to twice its length. Without this limit, an
 * endless sequence of empty gzip members would block the event loop.
 */
const SPARE_INPUT_BYTES = 1024 * 1024;

/** Maximum length in bytes of the decompressed content for jobs without their own limit. */
const UNLIMITED_BYTES = 2 * 1024 ** 3;

/**
 * Node's internal function that calls zlib's inflate() with an input and an output buffer. The documented synchronous
 * functions allocate their output, and the asynchronous functions take ten times as long for usual bodies. If the
 * internal function does not exist, the asynchronous functions are used.
 */
interface ZlibHandle {
  writeSync(
    flush: number,
    input: Uint8Array,
    inputOffset: number,
    inputLength: number,
    output: Uint8Array,
    outputOffset: number,
    outputLength: number,
  ): void;
}

interface SteppedGunzip extends Gunzip {
  reset(): void;
  /** The object with the internal function, or null after an error. */
  readonly _handle: ZlibHandle | null;
  /** Numbers of unused bytes of the output buffer and of the input buffer after the last call. */
  readonly _writeState: Uint32Array;
}

/** Decompresses gzip. */
export class Inflater {
  readonly #store: BodyStore;
  readonly #idle: SteppedGunzip[] = [];
  readonly #stepped: boolean;

  /** @param stepped true to use Node's internal zlib function; the default is true if the function exists */
  constructor(store: BodyStore, stepped = hasSteps()) {
    this.#store = store;
    this.#stepped = stepped;
  }

  /**
   * Returns the content of a gzip stream, and decompresses the whole stream once to find errors. A long content is
   * decompressed again while it is read, so it keeps `compressed` until it is released. Rejects with ScrapeError.
   * @param limit length in bytes that the content must not reach; 0 for the limit of jobs without their own
   * @param check called between the pieces of a long content; throws if the scrape was aborted
   */
  async inflate(compressed: GzipBody, limit: number, check: () => void = () => undefined): Promise<BodyContent> {
    if (compressed.size < HEADER_BYTES) throw new ScrapeError(compressed.size === 0 ? "EOF" : "unexpected EOF");
    if (!this.#stepped) return this.#inflateWhole(compressed, limit);
    const { buffers } = this.#store;
    const source = this.#open(compressed);
    let buffer = buffers.take(Math.min(compressed.size * 16, STEP_BYTES));
    try {
      let size = 0;
      for (let sincePause = 0; size < MAX_BUFFERED_BYTES;) {
        // Does not decompress bytes beyond the limit, so errors in these bytes are not reported.
        const room = Math.min(buffer.length, size + STEP_BYTES, limit > 0 ? limit : Infinity);
        const made = await source.make(buffer, size, room);
        size += made;
        checkSize(size, limit);
        if (made < room - (size - made)) return whole(buffer, size, compressed, buffers);
        if (size === buffer.length && size < MAX_BUFFERED_BYTES) buffer = buffers.grown(buffer, size);
        if ((sincePause += made) < STEP_BYTES) continue;
        sincePause = 0;
        await nextTurn();
        check();
      }
      size += await this.#measure(source, compressed, buffer, size, limit, check);
      buffers.giveBack(buffer);
      return new WindowedContent(
        size,
        () => this.#open(compressed),
        this.#store,
        () => compressed.release(),
      );
    } catch (error) {
      buffers.giveBack(buffer);
      throw error;
    } finally {
      source.close();
    }
  }

  /** Decompresses the rest of the content only to determine its length. */
  async #measure(
    source: GunzipSource,
    compressed: GzipBody,
    buffer: Buffer,
    before: number,
    limit: number,
    check: () => void,
  ): Promise<number> {
    const line = compressed.inLines ? new LineLength() : undefined;
    line?.take(buffer, before);
    for (let size = 0; ;) {
      const room = Math.min(STEP_BYTES, limit > 0 ? limit - before - size : Infinity);
      const made = await source.make(buffer, 0, room);
      size += made;
      checkSize(before + size, limit);
      line?.take(buffer, made);
      if (made < room) return size;
      await nextTurn();
      check();
    }
  }

  #open(compressed: GzipBody): GunzipSource {
    const gunzip = this.#idle.pop() ?? newGunzip();
    return new GunzipSource(gunzip, compressed.open(), compressed.size, this.#store.buffers, () => {
      if (gunzip._handle === null) return;
      gunzip.reset();
      this.#idle.push(gunzip);
    });
  }

  #inflateWhole(compressed: GzipBody, limit: number): BodyContent {
    const bytes = Buffer.allocUnsafeSlow(compressed.size);
    const source = compressed.open();
    source.read(bytes, 0, bytes.length);
    source.close();
    try {
      const content = gunzipSync(bytes, { maxOutputLength: (limit > 0 ? limit : UNLIMITED_BYTES) - 1 });
      compressed.release();
      return new BufferedContent(content);
    } catch (error) {
      throw scrapeError(error);
    }
  }
}

function whole(buffer: Buffer, size: number, compressed: GzipBody, buffers: BodyBuffers): BodyContent {
  compressed.release();
  return new BufferedContent(buffer.subarray(0, size), () => buffers.giveBack(buffer));
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function checkSize(size: number, limit: number): void {
  if (limit > 0 ? size >= limit : size >= UNLIMITED_BYTES) throw limit > 0 ? new BodySizeError() : endlessContent();
}

function endlessContent(): BodySizeError {
  return new BodySizeError(
    `body size limit exceeded: the uncompressed body has more than ${UNLIMITED_BYTES} bytes, the limit of jobs without body_size_limit; ` +
      "set body_size_limit of the job to the size that its targets may send",
  );
}

/** Decompresses a gzip stream from its start, piece by piece. */
class GunzipSource implements BodySource {
  readonly #gunzip: SteppedGunzip;
  readonly #compressed: BodySource;
  readonly #buffers: BodyBuffers;
  readonly #onClose: () => void;
  /** Buffer of compressed bytes. The bytes input[at, end) have not been decompressed yet. */
  readonly #input: Buffer;
  #at = 0;
  #end = 0;
  /** Number of compressed bytes of the stream that have not been read yet. */
  #missing: number;
  #closed = false;

  constructor(gunzip: SteppedGunzip, compressed: BodySource, size: number, buffers: BodyBuffers, onClose: () => void) {
    this.#gunzip = gunzip;
    this.#compressed = compressed;
    this.#buffers = buffers;
    this.#onClose = onClose;
    this.#missing = size;
    this.#input = buffers.take(Math.min(size, INPUT_BYTES));
  }

  /** Reads decompressed bytes into the buffer, and returns their number. Rejects if the stream is invalid. */
  async make(into: Buffer, from: number, to: number): Promise<number> {
    const made = this.read(into, from, to);
    if (this.#gunzip._handle === null) throw scrapeError(await faultOf(this.#gunzip));
    return made;
  }

  read(into: Buffer, from: number, to: number): number {
    const state = this.#gunzip._writeState;
    let input = 2 * (to - from) + SPARE_INPUT_BYTES;
    for (let filled = from; ;) {
      if (this.#at === this.#end && this.#missing > 0) {
        this.#takeInput();
        input -= this.#end;
        if (input < 0) throw new ScrapeError("gzip: the compressed body is much longer than its content");
      }
      const flush = this.#missing === 0 ? constants.Z_FINISH : constants.Z_SYNC_FLUSH;
      const handle = this.#gunzip._handle!;
      handle.writeSync(flush, this.#input, this.#at, this.#end - this.#at, into, filled, to - filled);
      if (this.#gunzip._handle === null) return filled - from;
      filled = to - state[0]!;
      this.#at = this.#end - state[1]!;
      if (filled === to) return filled - from;
      // Refuses other bytes after the last gzip member. Zeros are allowed, because zlib skips them.
      if (this.#at < this.#end) throw new ScrapeError("gzip: invalid header");
      if (this.#missing === 0) return filled - from;
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#compressed.close();
    this.#buffers.giveBack(this.#input);
    this.#onClose();
  }

  #takeInput(): void {
    this.#at = 0;
    this.#end = this.#compressed.read(this.#input, 0, Math.min(this.#missing, this.#input.length));
    this.#missing -= this.#end;
  }
}

// Returns a zlib decompressor with an output buffer of the minimum size, because this program never uses that buffer.
const newGunzip = (): SteppedGunzip => createGunzip({ chunkSize: constants.Z_MIN_CHUNK }) as unknown as SteppedGunzip;

/** Returns the error of a gzip stream, which Node reports in the next turn of the event loop. */
const faultOf = (gunzip: SteppedGunzip): Promise<Error> => new Promise((resolve) => void gunzip.once("error", resolve));

const HEADER_PROBLEMS: ReadonlySet<string> = new Set([
  "incorrect header check",
  "unknown compression method",
  "unknown header flags set",
  "header crc mismatch",
]);

/** Converts zlib's error code to the message that Go reports for the same error, as far as possible. */
function scrapeError(error: unknown): ScrapeError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ERR_BUFFER_TOO_LARGE") return new BodySizeError();
  if (code === "Z_BUF_ERROR") return new ScrapeError("unexpected EOF");
  if (HEADER_PROBLEMS.has(message)) return new ScrapeError("gzip: invalid header");
  if (/^incorrect (?:data|length) check$/.test(message)) return new ScrapeError("gzip: invalid checksum");
  return new ScrapeError(`flate: corrupt input: ${message}`);
}

/** Reports whether Node has the internal zlib function and the function works as expected. */
function hasSteps(): boolean {
  try {
    const gunzip = newGunzip();
    const output = new Uint8Array(4);
    const { length } = KNOWN;
    gunzip._handle!.writeSync(constants.Z_FINISH, KNOWN, 0, length, output, 0, output.length);
    const worked =
      gunzip._writeState[0] === 2 && gunzip._writeState[1] === 0 && output[0] === 0x78 && output[1] === 0x0a;
    gunzip.close();
    return worked;
  } catch {
    return false;
  }
}

/** Gzip stream of the text `x` with a newline, to test the internal zlib function. */
const KNOWN = Buffer.from("H4sIAAAAAAAAA6vgAgAfCOpGAgAAAA==", "base64");
