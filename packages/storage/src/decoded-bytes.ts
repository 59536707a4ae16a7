/** Counts the bytes of chunks that were decoded. Increased once for each chunk. */
export class DecodedBytes {
  count = 0;
}
