const bits = new DataView(new ArrayBuffer(8));

function fromBits(high: number, low: number): number {
  bits.setUint32(0, high);
  bits.setUint32(4, low);
  return bits.getFloat64(0);
}

/**
 * High 32 bits of the NaN that marks the end of a series (0x7ff0000000000002). JavaScript engines preserve the bits of
 * a NaN only in typed arrays. Write the marker with `writeStale`, test it with `isStaleAt`, and never pass it on as a
 * plain number.
 */
export const STALE_HIGH = 0x7ff00000;
export const STALE_LOW = 0x00000002;

/** Prometheus' normal NaN (0x7ff8000000000001). */
export const NORMAL_NAN: number = fromBits(0x7ff80000, 1);

const LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;
const HIGH_WORD = LITTLE_ENDIAN ? 1 : 0;

/** Returns a view of the same memory as 32-bit words. Create the view once for each array, not for each sample. */
export const wordsOf = (values: Float64Array): Uint32Array =>
  new Uint32Array(values.buffer, values.byteOffset, values.length * 2);

/** Reports whether the value at `index` is the stale marker. `words` must be the result of `wordsOf(values)`. */
export const isStaleAt = (words: Uint32Array, index: number): boolean =>
  words[index * 2 + 1 - HIGH_WORD] === STALE_LOW && words[index * 2 + HIGH_WORD] === STALE_HIGH;

/** Writes the stale marker at `index`. `words` must be the result of `wordsOf(values)`. */
export function writeStale(words: Uint32Array, index: number): void {
  words[index * 2 + HIGH_WORD] = STALE_HIGH;
  words[index * 2 + 1 - HIGH_WORD] = STALE_LOW;
}
