/** Length in bytes from which TypedArray.set() is faster than a loop. */
const LONG_BYTES = 48;

/**
 * Copies from[start, end) to `to` at position `at`. Short ranges are copied in a loop: most chunks have about a hundred
 * bytes, and creating a view costs as much time as copying them.
 */
export function copyBytes(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): void {
  if (end - start > LONG_BYTES) {
    to.set(from.subarray(start, end), at);
    return;
  }
  for (let i = start; i < end; i++) to[at++] = from[i]!;
}
