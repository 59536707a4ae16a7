import { SAMPLE_WRITER_WASM } from "./sample-writer.wasm.ts";

/** Positions and sizes in the memory of the WebAssembly kernel, which kernels/sample-writer.as describes. */
const MAX_SAMPLES = 2048;
const VALUES_AT = 16_384;
const PRESENT_AT = 32_768;
const ENDS_AT = 36_864;
const TIMES_AT = 49_152;
const OUT_AT = 98_816;
const MIN_POWER = -324;
const MAX_POWER = 292;

/**
 * Times of samples as JSON, together with the text around them: `,[1.5,"`. Each text has at most 24 bytes, and the
 * texts follow one another.
 */
export interface SampleTimes {
  readonly bytes: Uint8Array;
  /** Start of each sample's text in `bytes`. The last entry is the end of the last text. */
  readonly ends: Uint32Array;
}

interface Kernel {
  readonly value: () => number;
  readonly samples: (count: number, base: number, skip: number) => number;
}

/**
 * Writes numbers and samples as JSON in WebAssembly, which has 64-bit integers. This is about four times as fast as
 * with strings.
 */
class SampleWriter {
  readonly #kernel: Kernel;
  readonly #values: Float64Array;
  readonly #present: Uint8Array;
  readonly #ends: Uint32Array;
  readonly #times: Uint8Array;
  readonly #out: Uint8Array;
  /**
   * The sample times that are currently in the memory of the WebAssembly kernel, and the index of the first of them.
   */
  #loaded: SampleTimes | undefined;
  #loadedFrom = 0;

  constructor(exports: Readonly<Record<string, unknown>>) {
    const { buffer } = exports["memory"] as WebAssembly.Memory;
    this.#kernel = exports as unknown as Kernel;
    this.#values = new Float64Array(buffer, VALUES_AT, MAX_SAMPLES);
    this.#present = new Uint8Array(buffer, PRESENT_AT, MAX_SAMPLES);
    this.#ends = new Uint32Array(buffer, ENDS_AT, MAX_SAMPLES + 1);
    this.#times = new Uint8Array(buffer, TIMES_AT, OUT_AT - TIMES_AT);
    this.#out = new Uint8Array(buffer, OUT_AT);
    writePowers(new BigUint64Array(buffer, 0, (MAX_POWER - MIN_POWER + 1) * 2));
  }

  /**
   * Writes a value as the API prints it at position `at`, in at most 26 bytes. Returns the position after the value.
   */
  value(value: number, into: Uint8Array, at: number): number {
    this.#values[0] = value;
    const length = this.#kernel.value();
    const out = this.#out;
    for (let i = 0; i < length; i++) into[at + i] = out[i]!;
    return at + length;
  }

  /**
   * Writes the samples from `from` to `to` (at most 2,048) whose `present` is 1. Leaves out the first `skip` bytes,
   * such as a leading comma. The result is valid until the next call.
   */
  samples(
    values: Float64Array,
    present: Uint8Array,
    times: SampleTimes,
    from: number,
    to: number,
    skip: number,
  ): Uint8Array {
    if (times !== this.#loaded || from !== this.#loadedFrom) this.#load(times, from);
    this.#values.set(values.subarray(from, to));
    this.#present.set(present.subarray(from, to));
    return this.#out.subarray(0, this.#kernel.samples(to - from, times.ends[from]!, skip));
  }

  #load(times: SampleTimes, from: number): void {
    const { bytes, ends } = times;
    const to = Math.min(from + MAX_SAMPLES, ends.length - 1);
    this.#ends.set(ends.subarray(from, to + 1));
    this.#times.set(bytes.subarray(ends[from], ends[to]));
    this.#loaded = times;
    this.#loadedFrom = from;
  }
}

/**
 * Fills the table for printing numbers: for each power k, g(k) = floor(10^-k · 2^(125 - floor(log2(10^-k)))) + 1 as two
 * words of 63 bits.
 */
function writePowers(into: BigUint64Array): void {
  const mask = (1n << 63n) - 1n;
  for (let k = MIN_POWER; k <= MAX_POWER; k++) {
    const power = 10n ** BigInt(Math.abs(k));
    const bits = BigInt(power.toString(2).length);
    // Computes the shift for `power`, which is 10^-k for k ≤ 0 and 10^k otherwise. The only power of ten in the table
    // that is also a power of two is 1.
    const shift = k <= 0 ? 126n - bits : 125n + bits;
    const scaled = k <= 0 ? (shift >= 0n ? power << shift : power >> -shift) : (1n << shift) / power;
    const at = (k - MIN_POWER) * 2;
    into[at] = (scaled + 1n) >> 63n;
    into[at + 1] = (scaled + 1n) & mask;
  }
}

function instantiate(): SampleWriter {
  const bytes = Uint8Array.from(atob(SAMPLE_WRITER_WASM), (character) => character.charCodeAt(0));
  return new SampleWriter(new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports);
}

/** The sample writer of this thread; undefined if WebAssembly is disabled. */
export const sampleWriter: SampleWriter | undefined = typeof WebAssembly === "undefined" ? undefined : instantiate();

/** Maximum number of samples for one call of sampleWriter.samples(). */
export const SAMPLES_AT_ONCE = MAX_SAMPLES;
