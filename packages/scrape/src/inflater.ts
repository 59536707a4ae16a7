import { constants, createGunzip, type Gunzip, gunzipSync } from "node:zlib";
import type { BodyBuffers } from "./body-buffers.ts";
import { BodySizeError, ScrapeError } from "./scrape-error.ts";

/** A gzip's header is no shorter. */
const HEADER_BYTES = 10;

/** Output between two turns of the event loop: a millisecond or two. */
const STEP_BYTES = 1024 * 1024;

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

/** Undoes gzip into lent buffers. */
export class Inflater {
  readonly #buffers: BodyBuffers;
  readonly #idle: SteppedGunzip[] = [];
  readonly #stepped: boolean;

  /** @param stepped use zlib's inner call; default: where there is one */
  constructor(buffers: BodyBuffers, stepped = hasSteps()) {
    this.#buffers = buffers;
    this.#stepped = stepped;
  }

  /**
   * The content of a gzip stream, in a buffer of BodyBuffers' that the caller gives back, and its size. Rejects with
   * ScrapeError.
   *
   * @param limit the content is shorter; 0 is no limit
   * @param check asked now and then while a long content is made: throws where nobody waits for it any more
   */
  async inflate(
    zipped: Uint8Array,
    limit: number,
    check: () => void = () => undefined,
  ): Promise<{ buffer: Buffer; size: number }> {
    if (zipped.length < HEADER_BYTES) throw new ScrapeError(zipped.length === 0 ? "EOF" : "unexpected EOF");
    if (!this.#stepped) return this.#inflateWhole(zipped, limit);
    const gunzip = this.#idle.pop() ?? newGunzip();
    const state = gunzip._writeState;
    let buffer = this.#buffers.take(Math.min(zipped.length * 16, STEP_BYTES, this.#buffers.maxBytes));
    let [size, at, sincePause] = [0, 0, 0];
    try {
      for (;;) {
        const room = Math.min(buffer.length - size, STEP_BYTES, limit > 0 ? limit - size : Infinity);
        gunzip._handle!.writeSync(constants.Z_FINISH, zipped, at, zipped.length - at, buffer, size, room);
        if (gunzip._handle === null) throw scrapeError(await faultOf(gunzip));
        const made = room - state[0]!;
        at = zipped.length - state[1]!;
        size += made;
        if (limit > 0 && size >= limit) throw new BodySizeError();
        if (state[0] !== 0) {
          // zlib passes over zeros behind the last member.
          if (at < zipped.length) throw new ScrapeError("gzip: invalid header");
          return { buffer, size };
        }
        if (size === buffer.length) buffer = this.#buffers.grown(buffer, size);
        if ((sincePause += made) < STEP_BYTES) continue;
        sincePause = 0;
        await new Promise((resolve) => setImmediate(resolve));
        check();
      }
    } catch (error) {
      this.#buffers.giveBack(buffer);
      throw error;
    } finally {
      this.#layAside(gunzip);
    }
  }

  #layAside(gunzip: SteppedGunzip): void {
    if (gunzip._handle === null) return;
    gunzip.reset();
    this.#idle.push(gunzip);
  }

  #inflateWhole(zipped: Uint8Array, limit: number): { buffer: Buffer; size: number } {
    let content: Buffer;
    try {
      content = gunzipSync(zipped, { maxOutputLength: limit > 0 ? limit - 1 : this.#buffers.maxBytes });
    } catch (error) {
      throw scrapeError(error);
    }
    const buffer = this.#buffers.take(content.length);
    content.copy(buffer);
    return { buffer, size: content.length };
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
