/** A body's text up to a limit. A body that breaks off ends there: the status has been said, and says enough. */
export async function readBody(body: AsyncIterable<Uint8Array>, limit: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk.subarray(0, limit - size));
      size += chunk.length;
      if (size >= limit) break;
    }
  } catch {
    // What came counts.
  }
  return Buffer.concat(chunks).toString();
}
