import { constants, createDeflateRaw, deflateRawSync } from "node:zlib";

/** Answers are digits, read once: more effort takes two to three times as long for a tenth less. */
const OPTIONS = { level: constants.Z_BEST_SPEED, finishFlush: constants.Z_SYNC_FLUSH, chunkSize: 32 * 1024 };
const OUT_BYTES = 64 * 1024;

/** What Node's streams compress with: it can begin anew, which the functions for whole texts do not make use of. */
interface Deflater {
  reset(): void;
  writeSync(
    flush: number,
    text: Uint8Array,
    at: number,
    length: number,
    out: Uint8Array,
    outAt: number,
    outLength: number,
  ): void;
}

/** Room left in `out`, and bytes of the text left, after each write. */
type Left = Uint32Array;

interface Opened {
  readonly deflater: Deflater;
  readonly left: Left;
  readonly out: Uint8Array<ArrayBuffer>;
}

/**
 * Compresses texts one after the other with one deflater: to make one takes several times as long as to compress a short
 * text, and 256 KiB that V8 counts as garbage and collects for. One for a thread; it is made when it is first needed.
 */
export class DeflateStream {
  #opened: Opened | undefined;
  #hasNone = false;

  /** The same bytes as deflateRawSync() has, up to a whole byte and without an end. */
  deflate(text: Uint8Array): Uint8Array<ArrayBuffer> {
    const opened = this.#open();
    if (opened === undefined) return deflateRawSync(text, OPTIONS);
    const { deflater, left, out } = opened;
    deflater.reset();
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    let rest = text.length;
    do {
      deflater.writeSync(constants.Z_SYNC_FLUSH, text, text.length - rest, rest, out, 0, out.length);
      rest = left[1]!;
      pieces.push(out.slice(0, out.length - left[0]!));
    } while (left[0] === 0);
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  }

  /** Node does not promise what its streams are made of: where it is something else, each text has a deflater of its own. */
  #open(): Opened | undefined {
    if (this.#opened !== undefined || this.#hasNone) return this.#opened;
    const { _handle: deflater, _writeState: left } = createDeflateRaw(OPTIONS) as unknown as {
      readonly _handle?: Partial<Deflater>;
      readonly _writeState?: Left;
    };
    this.#hasNone = !(isDeflater(deflater) && left instanceof Uint32Array && left.length === 2);
    if (!this.#hasNone) this.#opened = { deflater: deflater as Deflater, left: left!, out: new Uint8Array(OUT_BYTES) };
    return this.#opened;
  }
}

const isDeflater = (handle: Partial<Deflater> | undefined): boolean =>
  typeof handle?.reset === "function" && typeof handle.writeSync === "function";
