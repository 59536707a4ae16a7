/** Counts the bytes of chunks that a query has decoded. */
export class DecodedBytes {
  count = 0;
}
