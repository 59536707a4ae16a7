/** Number of bytes of decoded chunks, if it is counted: one addition for each chunk. */
export class DecodedBytes {
  count = 0;
}
