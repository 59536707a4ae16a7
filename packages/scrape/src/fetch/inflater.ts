import { constants, createGunzip, type Gunzip, gunzipSync } from "node:zlib";
import type { BodyBuffers } from "./body-buffers.ts";
import { WHOLE_BYTES } from "./body-collector.ts";
import { type BodyContent, type BodyStore, LongContent, WholeContent } from "./body-content.ts";
import type { BodySource } from "./body-source.ts";
import { LineLength } from "./line-length.ts";
import { BodySizeError, ScrapeError } from "./scrape-error.ts";

/** A gzip stream as it came. */
export interface ZippedBody {
  readonly size: number;
  /** Text is expected in it. */
  readonly inLines: boolean;
  open(): BodySource;
  release(): void;
}

/** A gzip's header is no shorter. */
const HEADER_BYTES = 10;

/** Output between two turns of the event loop: a millisecond or two. */
const STEP_BYTES = 1024 * 1024;
/** Input that is looked at at a time. */
const INPUT_BYTES = 256 * 1024;

/**
 * For a piece of the content twice as many bytes are looked at, and so many more: what is zipped is hardly ever longer
 * than what it holds. Members and blocks without content would hold the event loop for as long as they last.
 */
const SPARE_INPUT_BYTES = 1024 * 1024;

/** A content is shorter where its job has no limit. */
const UNLIMITED_BYTES = 2 * 1024 ** 3;

/**
 * What node:zlib's own synchronous functions are made of: one call of zlib's inflate(), from memory to memory. Its
 * documented ways all make new memory for what they give out, and the asynchronous ones cost ten times as much for a body
 * of usual length. Where an engine lacks it, they are used all the same.
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
  /** null after a fault. */
  readonly _handle: ZlibHandle | null;
  /** Bytes of output and of input left by the last call. */
  readonly _writeState: Uint32Array;
}

/** Undoes gzip. */
export class Inflater {
  readonly #store: BodyStore;
  readonly #idle: SteppedGunzip[] = [];
  readonly #stepped: boolean;

  /** @param stepped use zlib's inner call; default: where there is one */
  constructor(store: BodyStore, stepped = hasSteps()) {
    this.#store = store;
    this.#stepped = stepped;
  }

  /**
   * The content of a gzip stream. It is looked through to its end, so that what is wrong with it is known; a long one is
   * then undone again while it is read, from `zipped`, which is the content's from now on. Rejects with ScrapeError.
   *
   * @param limit the content is shorter; 0: the limit of those that have none
   * @param check asked now and then while a long content is made: throws where nobody waits for it any more
   */
  async inflate(zipped: ZippedBody, limit: number, check: () => void = () => undefined): Promise<BodyContent> {
    if (zipped.size < HEADER_BYTES) throw new ScrapeError(zipped.size === 0 ? "EOF" : "unexpected EOF");
    if (!this.#stepped) return this.#inflateWhole(zipped, limit);
    const { buffers } = this.#store;
    const source = this.#open(zipped);
    let buffer = buffers.take(Math.min(zipped.size * 16, STEP_BYTES));
    try {
      let size = 0;
      for (let sincePause = 0; size < WHOLE_BYTES;) {
        // What is at fault behind the limit is nobody's business.
        const room = Math.min(buffer.length, size + STEP_BYTES, limit > 0 ? limit : Infinity);
        const made = await source.make(buffer, size, room);
        size += made;
        checkSize(size, limit);
        if (made < room - (size - made)) return whole(buffer, size, zipped, buffers);
        if (size === buffer.length && size < WHOLE_BYTES) buffer = buffers.grown(buffer, size);
        if ((sincePause += made) < STEP_BYTES) continue;
        sincePause = 0;
        await nextTurn();
        check();
      }
      size += await this.#measure(source, zipped, buffer, size, limit, check);
      buffers.giveBack(buffer);
      return new LongContent(
        size,
        () => this.#open(zipped),
        this.#store,
        () => zipped.release(),
      );
    } catch (error) {
      buffers.giveBack(buffer);
      throw error;
    } finally {
      source.close();
    }
  }

  /** How much is still to come; what comes is overwritten at once. */
  async #measure(
    source: GunzipSource,
    zipped: ZippedBody,
    buffer: Buffer,
    before: number,
    limit: number,
    check: () => void,
  ): Promise<number> {
    const line = zipped.inLines ? new LineLength() : undefined;
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

  #open(zipped: ZippedBody): GunzipSource {
    const gunzip = this.#idle.pop() ?? newGunzip();
    return new GunzipSource(gunzip, zipped.open(), zipped.size, this.#store.buffers, () => {
      if (gunzip._handle === null) return;
      gunzip.reset();
      this.#idle.push(gunzip);
    });
  }

  #inflateWhole(zipped: ZippedBody, limit: number): BodyContent {
    const bytes = Buffer.allocUnsafeSlow(zipped.size);
    const source = zipped.open();
    source.read(bytes, 0, bytes.length);
    source.close();
    try {
      const content = gunzipSync(bytes, { maxOutputLength: (limit > 0 ? limit : UNLIMITED_BYTES) - 1 });
      zipped.release();
      return new WholeContent(content);
    } catch (error) {
      throw scrapeError(error);
    }
  }
}

function whole(buffer: Buffer, size: number, zipped: ZippedBody, buffers: BodyBuffers): BodyContent {
  zipped.release();
  return new WholeContent(buffer.subarray(0, size), () => buffers.giveBack(buffer));
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function checkSize(size: number, limit: number): void {
  if (limit > 0 ? size >= limit : size >= UNLIMITED_BYTES) throw limit > 0 ? new BodySizeError() : endlessContent();
}

function endlessContent(): BodySizeError {
  return new BodySizeError(
    `body size limit exceeded: uncompressed more than ${UNLIMITED_BYTES} bytes, the limit of jobs without one; ` +
      "set body_size_limit of the job to what its targets may send",
  );
}

/** Undoes a gzip stream from its start, piece by piece. */
class GunzipSource implements BodySource {
  readonly #gunzip: SteppedGunzip;
  readonly #zipped: BodySource;
  readonly #buffers: BodyBuffers;
  readonly #onClose: () => void;
  /** What has come of the stream lies in input[at, end). */
  readonly #input: Buffer;
  #at = 0;
  #end = 0;
  /** Bytes of the stream that have not come yet. */
  #missing: number;
  #closed = false;

  constructor(gunzip: SteppedGunzip, zipped: BodySource, size: number, buffers: BodyBuffers, onClose: () => void) {
    this.#gunzip = gunzip;
    this.#zipped = zipped;
    this.#buffers = buffers;
    this.#onClose = onClose;
    this.#missing = size;
    this.#input = buffers.take(Math.min(size, INPUT_BYTES));
  }

  /** As read(), of a stream that may be at fault. */
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
        if (input < 0) throw new ScrapeError("gzip: more compressed bytes than what they hold");
      }
      const flush = this.#missing === 0 ? constants.Z_FINISH : constants.Z_SYNC_FLUSH;
      const handle = this.#gunzip._handle!;
      handle.writeSync(flush, this.#input, this.#at, this.#end - this.#at, into, filled, to - filled);
      if (this.#gunzip._handle === null) return filled - from;
      filled = to - state[0]!;
      this.#at = this.#end - state[1]!;
      if (filled === to) return filled - from;
      // zlib passes over zeros behind the last member.
      if (this.#at < this.#end) throw new ScrapeError("gzip: invalid header");
      if (this.#missing === 0) return filled - from;
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#zipped.close();
    this.#buffers.giveBack(this.#input);
    this.#onClose();
  }

  #takeInput(): void {
    this.#at = 0;
    this.#end = this.#zipped.read(this.#input, 0, Math.min(this.#missing, this.#input.length));
    this.#missing -= this.#end;
  }
}

// Its own output is never used.
const newGunzip = (): SteppedGunzip => createGunzip({ chunkSize: constants.Z_MIN_CHUNK }) as unknown as SteppedGunzip;

/** What broke it; it says so in the turn after. */
const faultOf = (gunzip: SteppedGunzip): Promise<Error> => new Promise((resolve) => void gunzip.once("error", resolve));

const HEADER_PROBLEMS: ReadonlySet<string> = new Set([
  "incorrect header check",
  "unknown compression method",
  "unknown header flags set",
  "header crc mismatch",
]);

/** In Go's words, as far as zlib tells as much. */
function scrapeError(error: unknown): ScrapeError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ERR_BUFFER_TOO_LARGE") return new BodySizeError();
  if (code === "Z_BUF_ERROR") return new ScrapeError("unexpected EOF");
  if (HEADER_PROBLEMS.has(message)) return new ScrapeError("gzip: invalid header");
  if (/^incorrect (?:data|length) check$/.test(message)) return new ScrapeError("gzip: invalid checksum");
  return new ScrapeError(`flate: corrupt input: ${message}`);
}

/** Does the engine have the inner call, and does it do as told? */
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

/** `x` and a newline, zipped. */
const KNOWN = Buffer.from("H4sIAAAAAAAAA6vgAgAfCOpGAgAAAA==", "base64");
