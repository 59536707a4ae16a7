/** Bytes of encoded samples that were decoded, counted if that is done: one addition for each chunk. */
export class DecodedBytes {
  count = 0;
}
