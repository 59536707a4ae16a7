/** Counts the bytes of decoded chunks. */
export class DecodedBytes {
  count = 0;
}
