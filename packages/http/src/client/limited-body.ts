/** Returns the whole body as bytes. Rejects with the error of `tooLong()` if the body is longer than `maxBytes`. */
export async function limitedBody(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
  tooLong: () => Error,
): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    pieces.push(piece);
    if ((size += piece.length) > maxBytes) throw tooLong();
  }
  return Buffer.concat(pieces);
}

/**
 * Returns the first `maxBytes` of a body as text, and leaves the rest unread. Rejects if the connection breaks earlier.
 */
export async function beginningOf(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    pieces.push(piece);
    if ((size += piece.length) >= maxBytes) break;
  }
  return Buffer.concat(pieces).subarray(0, maxBytes).toString();
}
