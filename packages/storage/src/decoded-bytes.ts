/** Counter of the bytes of decoded chunks. It is increased once for each chunk. */
export class DecodedBytes {
  count = 0;
}
