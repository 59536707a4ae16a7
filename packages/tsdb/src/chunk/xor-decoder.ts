import type { SampleColumns } from "@narthex/storage";
import { checkEnd, maxChunkBytes, readXor } from "./xor.ts";
import { XOR_DECODER_WASM } from "./xor-decoder.wasm.ts";

/**
 * Largest number of samples of one call of the WebAssembly kernel. The file kernels/xor-decoder.as describes the layout
 * of its memory.
 */
const MAX_SAMPLES = 4096;
const VALUES_AT = 8 * MAX_SAMPLES;
const CHUNK_AT = 16 * MAX_SAMPLES;
/**
 * Number of bytes up to which a loop copies faster than TypedArray.set(). FEW_SAMPLES is the corresponding number of
 * samples.
 */
const FEW_BYTES = 192;
const FEW_SAMPLES = 40;
/** Time in ms that is later than any sample. */
const FOREVER = 2 ** 53;

interface Kernel {
  readonly decode: (count: number, first: number, last: number) => number;
  /** Returns the bit position after the last decoded sample. */
  readonly end: () => number;
  readonly chunk: Uint8Array;
  /** The WebAssembly kernel's memory for the chunk, as 32-bit words. */
  readonly chunkWords: Uint32Array;
  readonly valueWords: Uint32Array;
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
}

/** The WebAssembly kernel of this thread; undefined if WebAssembly is disabled. */
const kernel: Kernel | undefined = typeof WebAssembly === "undefined" ? undefined : instantiate();

function instantiate(): Kernel {
  const bytes = Uint8Array.from(atob(XOR_DECODER_WASM), (character) => character.charCodeAt(0));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  const { buffer } = exports["memory"] as WebAssembly.Memory;
  return {
    decode: exports["decode"] as Kernel["decode"],
    end: exports["end"] as Kernel["end"],
    chunk: new Uint8Array(buffer, CHUNK_AT),
    chunkWords: new Uint32Array(buffer, CHUNK_AT),
    valueWords: new Uint32Array(buffer, VALUES_AT, 2 * MAX_SAMPLES),
    timestamps: new Float64Array(buffer, 0, MAX_SAMPLES),
    values: new Float64Array(buffer, VALUES_AT, MAX_SAMPLES),
  };
}

/**
 * Decodes a chunk as readXor() does, about twice as fast, because WebAssembly has 64-bit words. The results are equal
 * for every chunk of XorWriter or Prometheus. The chunk ends before byte `end`, if that is known. Throws RangeError if
 * the samples need more bytes.
 */
export function decodeXor(
  bytes: Uint8Array,
  start: number,
  end: number | undefined,
  count: number,
  minTime: number,
  maxTime: number,
  into: SampleColumns,
): void {
  if (kernel === undefined || count > MAX_SAMPLES) {
    readXor(bytes, start, count, minTime, maxTime, into, end);
    return;
  }
  const size = end === undefined ? Infinity : end - start;
  end = Math.min(end ?? bytes.length, start + maxChunkBytes(count));
  const { chunk, timestamps, values, valueWords } = kernel;
  if (end - start > FEW_BYTES) chunk.set(bytes.subarray(start, end));
  else for (let from = start, at = 0; from < end; from++, at++) chunk[at] = bytes[from]!;
  const kept = kernel.decode(count, Math.max(minTime, -FOREVER), Math.min(maxTime, FOREVER));
  checkEnd(kernel.end(), size, count);
  const from = into.count;
  into.reserve(from + kept);
  // Copying by words and set() keeps the payload of a NaN, which marks a stale series.
  if (kept > FEW_SAMPLES) {
    into.timestamps.set(timestamps.subarray(0, kept), from);
    into.values.set(values.subarray(0, kept), from);
  } else {
    const { timestamps: times, valueWords: words } = into;
    for (let i = 0; i < kept; i++) times[from + i] = timestamps[i]!;
    for (let i = 0; i < kept * 2; i++) words[from * 2 + i] = valueWords[i]!;
  }
  into.count = from + kept;
}

/**
 * Finds the newest sample with minTime ≤ t ≤ maxTime among the first `count` samples of a chunk, and adds it to empty
 * columns. Adds nothing if no sample is in the range. The chunk takes `size` bytes from word `start` on. For many
 * chunks this is several times as fast as decodeXor(), since it allocates no memory. Returns false if the caller must
 * use decodeXor() for this chunk.
 */
export function decodeNewestXor(
  words: Uint32Array,
  start: number,
  size: number,
  count: number,
  minTime: number,
  maxTime: number,
  into: SampleColumns,
): boolean {
  if (kernel === undefined || count > MAX_SAMPLES || size > maxChunkBytes(count)) return false;
  const { chunkWords, valueWords, timestamps } = kernel;
  const end = Math.min(words.length, start + ((size + 3) >>> 2));
  for (let from = start, at = 0; from < end; from++, at++) chunkWords[at] = words[from]!;
  const kept = kernel.decode(count, Math.max(minTime, -FOREVER), Math.min(maxTime, FOREVER));
  if (kept > 0) into.pushFloat(timestamps[kept - 1]!, valueWords, kept - 1);
  return true;
}
