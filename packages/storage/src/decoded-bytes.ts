/** Counter of the bytes of decoded chunks. The counter is increased once for each chunk. */
export class DecodedBytes {
  count = 0;
}
