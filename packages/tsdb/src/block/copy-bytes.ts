/** From this length on a call costs less than a loop. */
const LONG_BYTES = 48;

/**
 * Copies from[start, end) to `to`, beginning at `at`. Most chunks have about a hundred bytes; creating a view would
 * cost as much as the copy.
 */
export function copyBytes(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): void {
  if (end - start > LONG_BYTES) {
    to.set(from.subarray(start, end), at);
    return;
  }
  for (let i = start; i < end; i++) to[at++] = from[i]!;
}
